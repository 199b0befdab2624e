"""Which account and Region a file is about."""

from __future__ import annotations

from collections.abc import Iterable

from secretgen.errors import SecretgenError, UsageError
from secretgen.live.account import LiveSecret


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
