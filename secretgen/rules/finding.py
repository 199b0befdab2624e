"""What a rule finds."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from secretgen.diagnostics import Path
from secretgen.model.changes import Subject


class Finding(Struct, frozen=True):
    """A mistake that a rule found.

    Args:
        path: which value of the spec.
        summary: what is wrong, terse, without a full stop.
        detail: why it matters and what to do.
        suggestion: the text that most likely was meant.
        at_key: point at the key, as nothing is wrong with the value alone.
        secret: the secret that it is about; empty if it is about the environment.
        of: what the environment's `ignore` calls the thing that it is about; None if that cannot
            allow it.
        allowed: why it is allowed; empty when it is not.
    """

    path: Path
    summary: str
    detail: str
    suggestion: str = ""
    at_key: bool = False
    secret: str = ""
    of: Subject | None = None
    allowed: str = ""


Findings = Iterable[Finding]
