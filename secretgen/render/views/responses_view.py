"""What to do about each alarm, as the runbook tells it."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from secretgen.model.environment import Environment
from secretgen.model.layout import Layout
from secretgen.render.views.monitoring_view import monitoring_view

_RESPONSES = {
    "rotation_failed": "see “A rotation failed”; readers are not affected",
    "secret_rotated": (
        "nothing: the rotation works. If no such message comes for longer than the schedule allows,"
        " see “A rotation failed”"
    ),
    "secret_written": (
        "was it written by a person, or by an apply with a raised `version`? CloudTrail shows "
        "who called PutSecretValue or UpdateSecretVersionStage; if the call was not intended, "
        "see “Rotate now”"
    ),
    "secret_tagged": (
        "ask the caller in the message; terraform plan shows what changed, terraform apply "
        "undoes it"
    ),
    "secret_changed": (
        "ask the caller in the message. A deleted secret: see “Restore a deleted secret”. An "
        "unwanted copy: see “A secret was copied”. Any other change: terraform plan shows it, "
        "terraform apply undoes it"
    ),
    "secret_read": "no reader that you expected? See “Rotate now”, or write a new value",
    "key_changed": "see “A key was disabled, scheduled for deletion or opened”",
    "replica_changed": "see the same event above: this one happened in a replica Region",
    "access_denied": "see “Access denied”; the log shows who called",
    "unusual_decryption": "see the log: are the readers the usual ones, and why so often?",
}


class ResponseView(Struct, frozen=True):
    """An alarm, what it means and what to do about it."""

    name: str
    meaning: str
    response: str


def response_views(environment: Environment, layout: Layout) -> tuple[ResponseView, ...]:
    """Lists the alarms of an environment by the names under which they call."""
    return tuple(dict.fromkeys(_responses(environment, layout)))


def _responses(environment: Environment, layout: Layout) -> Iterator[ResponseView]:
    monitoring = monitoring_view(environment, layout)
    if monitoring is None:
        return
    # A rule of a replica Region has the name of the primary Region's.
    for called in (*monitoring.rules, monitoring.denied, monitoring.usage):
        if called:
            kind = called.name.removeprefix(f"{monitoring.prefix}-").replace("-", "_")
            yield ResponseView(called.name, called.description, _RESPONSES[kind])
