"""JSON files that may hold values: read so that no value survives, and none is ever shown."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from secretgen.errors import SecretgenError, UsageError
from secretgen.live.account import LiveSecret

Pairs = list[tuple[str, Any]]
"""The members of a JSON object, in their order; a name may be there twice."""


class ValueInFileError(SecretgenError):
    """A file holds the value of a secret."""


def documents(data: bytes, file: str, on_object: Callable[[Pairs], Any]) -> list[Any]:
    """Reads JSON documents, one after another: commands in a shell loop write several.

    Args:
        data: the file.
        file: its name, for messages.
        on_object: makes a value of the members of each object, innermost first.

    Raises:
        SecretgenError: it is not JSON.
    """
    text = _text(data, file)
    decoder = json.JSONDecoder(object_pairs_hook=on_object)
    found, at = [], _skipped(text, 0)
    while at < len(text):
        try:
            document, at = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            summary = f"{file} is not valid JSON: line {error.lineno}, column {error.colno}"
            hint = "Create it again; the command that wrote it may have been interrupted."
            raise SecretgenError(summary, hint, file) from None
        except ValueError:  # Python reads no number of more than 4,300 digits
            raise SecretgenError(f"{file} contains a number that is too long", file=file) from None
        except RecursionError:
            raise SecretgenError(f"{file} is nested too deeply", file=file) from None
        found.append(document)
        at = _skipped(text, at)
    return found


def _text(data: bytes, file: str) -> str:
    # Windows PowerShell redirects as UTF-16, and json.detect_encoding knows that.
    try:
        return data.decode(json.detect_encoding(data))
    except UnicodeDecodeError:
        raise SecretgenError(f"{file} is not UTF-8", "Write it as UTF-8.", file) from None


def _skipped(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n\ufeff":
        at += 1
    return at


def only_place(
    secrets: Iterable[LiveSecret], file: str, account_id: str, region: str
) -> tuple[str, str, str]:
    """Returns account, partition and Region of the secrets that are meant.

    Args:
        secrets: the secrets in the file.
        file: its name, for messages.
        account_id: the account; empty for the only one.
        region: the Region; empty for the only one.

    Raises:
        UsageError: there are several.
        SecretgenError: there is none.
    """
    places = sorted({(s.account_id, s.partition, s.region) for s in secrets})
    if not places:
        hint = "Check that the file is complete and from the intended account."
        raise SecretgenError(f"{file} holds no secret", hint, file)
    listed = ", ".join(f"{account} {place}" for account, _, place in places)
    fitting = [p for p in places if account_id in ("", p[0]) and region in ("", p[2])]
    if len(fitting) > 1:
        summary = f"{file} holds secrets of several accounts or Regions: {listed}"
        raise UsageError(summary, "Name a Region with --region, or an account in the spec.")
    if not fitting:
        wanted = " ".join(filter(None, (account_id, region)))
        raise SecretgenError(
            f"{file} holds no secret of {wanted}, but of {listed}",
            "Check 'aws' of the spec, and --region.",
            file,
        )
    return fitting[0]
