"""What an import came to."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from msgspec import Struct, field

from secretgen.diagnostics import Diagnostic
from secretgen.live.account import Refusal
from secretgen.usecases.importing.addresses import Takeover
from secretgen.usecases.importing.existing import Rebuilding
from secretgen.usecases.importing.select import Skipped


class ImportedSecret(Struct, frozen=True):
    """A secret that came in.

    Args:
        name: its name.
        notes: what is dropped, added or written otherwise than in AWS.
    """

    name: str
    notes: tuple[str, ...] = ()


class Outcome(Struct, frozen=True):
    """What an import came to.

    Args:
        file: the spec.
        before: its text before; empty for a new one.
        after: its text now.
        is_new: whether the spec is new.
        imported: the secrets that came in, by name.
        keys: the keys that came in, by name, with their ARN.
        key_notes: what the apply changes of them, by name.
        kept: why keys that were to come in did not, by ARN.
        present: how many secrets the spec had already.
        unwanted: how many secrets the filters leave out.
        left_out: secrets that a spec cannot express, by name.
        skipped: secrets that an environment cannot manage, by name.
        added: what every imported secret gets beyond what it has.
        takeover: what becomes of the addresses of a state; None without one.
        rebuilding: what brings secrets that the spec had already into an empty state.
        unwritten: roles that exist, of accounts that are in a part, by account.
        refused: the calls that AWS refused.
        errors: errors in the spec that keep anything from coming in.
    """

    file: str
    before: str
    after: str
    is_new: bool = False
    imported: tuple[ImportedSecret, ...] = ()
    keys: dict[str, str] = field(default_factory=dict)
    key_notes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)
    present: int = 0
    unwanted: int = 0
    left_out: tuple[Skipped, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    added: tuple[str, ...] = ()
    takeover: Takeover | None = None
    rebuilding: Rebuilding = field(default_factory=Rebuilding)
    unwritten: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    refused: tuple[Refusal, ...] = ()
    errors: tuple[Diagnostic, ...] = ()

    @property
    def changes(self) -> bool:
        """Whether the spec is another one now."""
        return self.before != self.after

    @property
    def diff(self) -> str:
        """What changes in the spec, as a unified diff."""
        before, after = (text.splitlines(keepends=True) for text in (self.before, self.after))
        return "".join(difflib.unified_diff(before, after, self.file, self.file))
