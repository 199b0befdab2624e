"""JSON files that may hold values: read so that no value survives, and none is ever shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from secretgen.errors import SecretgenError

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
