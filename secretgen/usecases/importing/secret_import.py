"""The use case: reads a source, extends a spec, writes it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from secretgen.errors import FileAccessError, UsageError
from secretgen.live.account import LiveAccount
from secretgen.live.state import State
from secretgen.progress import Observer, no_progress
from secretgen.project.config import Config
from secretgen.spec.load import LoadedSpec
from secretgen.tree import Action, ChangeSet, FileChange, locked_root, publish, recover
from secretgen.tree import State as FileState
from secretgen.usecases.importing.import_options import Options
from secretgen.usecases.importing.moving_in import MovingIn
from secretgen.usecases.importing.outcome import Outcome
from secretgen.usecases.importing.target import find_target

Reader = Callable[[str, str], tuple[LiveAccount, State | None]]
"""Reads a source for an account and a Region; empty for whichever it is of."""


def import_secrets(
    config: Config,
    spec: Path,
    read: Reader,
    options: Options,
    *,
    region: str = "",
    today: str,
    dry_run: bool = False,
    observer: Observer = no_progress,
) -> Outcome:
    """Extends a spec by the secrets of an account, or begins one.

    Args:
        config: settings of the project.
        spec: the spec.
        read: reads the account.
        options: what the user asked for.
        region: the Region that the user named; empty for that of the spec.
        today: the date, for rules.
        dry_run: write nothing.
        observer: called with each step that begins.

    Returns:
        What came in. A spec with errors stays as it is.

    Raises:
        SecretgenError: the source or the spec cannot be read, or the spec has no place for more.
    """
    observer("Reading the spec")
    target = find_target(config, spec, today)
    if target.is_new:
        account, state = read("", region)
        base = target.begun(account.account_id, account.region, account.partition)
        loaded, errors = target.checked(base)
    else:
        base = target.text
        loaded, errors = target.checked(base)
        if not errors:
            account, state = read(*_place(loaded, region))
    if errors or loaded.spec is None:
        return Outcome(target.file, target.text, target.text, errors=tuple(errors))
    observer("Writing entries")
    outcome = MovingIn(target, base, *loaded.parts, account, state, options).run()
    if outcome.changes and not dry_run:
        _write(config, outcome)
    return outcome


def _place(loaded: LoadedSpec, region: str) -> tuple[str, str]:
    """Returns account and Region of a spec.

    Raises:
        UsageError: the user named another Region.
    """
    aws = loaded.parts[0].aws
    if region and region != aws.region:
        raise UsageError(
            f"--region {region} is not the Region of {loaded.file}, {aws.region}",
            "Leave out --region, or name a spec of that Region.",
        )
    return aws.account_id, aws.region


def _write(config: Config, outcome: Outcome) -> None:
    """Writes the spec in one step, unless a user has changed it meanwhile."""
    with locked_root(config.root) as root:
        recover(root)
        old = root.read(outcome.file)
        if (old or b"").decode("utf-8", "replace") != outcome.before:
            raise FileAccessError(
                f"{outcome.file} was modified during the import", "Run again.", outcome.file
            )
        action = Action.CREATE if old is None else Action.UPDATE
        change = FileChange(
            outcome.file, FileState.MISSING, action, "", old, outcome.after.encode()
        )
        publish(root, ChangeSet((change,)))
