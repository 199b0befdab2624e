"""What AWS documents and moto leaves out, as far as Terraform's AWS provider notices it.

`close()` replaces the methods concerned, inside the process that serves the local AWS.
Each function quotes or names the behaviour of AWS it stands for. Where AWS leaves the time open
(it may delete a version without staging labels at any time) the worst case is played: at once.
"""

from tests.harness.moto_gaps import (
    callers,
    described,
    kms,
    labels,
    recorder,
    replicas,
    rotation,
    s3,
    stacks,
)


def close() -> None:
    """Load every replacement into moto."""
    for gap in (callers, described, kms, s3, labels, recorder, rotation, replicas, stacks):
        for owner, name, replacement in gap.REPLACEMENTS:
            setattr(owner, name, replacement)
