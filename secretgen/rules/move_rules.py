"""Rules about moves in `changes`, one by one."""

from __future__ import annotations

from secretgen.model.address import Address
from secretgen.model.changes import KEY, POLICY, ROTATION, SECRET, VERSION, Kind, Subject
from secretgen.rules.change_rules import never_rotates
from secretgen.rules.finding import Finding, Findings
from secretgen.rules.rule import ERROR, rule
from secretgen.rules.rule_context import Context
from secretgen.spec.resolve_changes import subject, thing

_MOVABLE = {
    SECRET: Kind.SECRETS,
    POLICY: Kind.SECRETS,
    ROTATION: Kind.SECRETS,
    KEY: Kind.KEYS,
}
"""Types of resources that can be taken over from another address, and what they become."""


_RENAME = (
    "Add the new secret, copy the value, switch its readers, then `forget` or `destroy` "
    "the old one."
)


@rule(
    "SG487",
    ERROR,
    "Move that is not possible",
    why="""
        AWS cannot rename a secret, so Terraform would replace it. A key can be moved to another
        name. A secret, its policy and its rotation can be moved from another address of the state
        to a secret of the spec, and a key to a key. A version cannot be moved, because Terraform
        would then write its value again: use `forget`.
    """,
    source="https://developer.hashicorp.com/terraform/language/block/moved",
    example="""
         secrets: { app/new: {} }
         changes:
        -  - move: { from: module.db.aws_secretsmanager_secret_version.this, to: secrets.app/new }
        +  - move: { from: module.db.aws_secretsmanager_secret.this, to: secrets.app/new }
        +  - forget: module.db.aws_secretsmanager_secret_version.this
    """,
)
def _impossible(context: Context) -> Findings:
    for i, entry in enumerate(context.spec.changes):
        if entry.move:
            source, to = thing(entry.move.from_), subject(entry.move.to)
            flaw = _flaw(context, source, to)
            if flaw:
                yield Finding(("changes", i, "move", "from"), *flaw)


def _flaw(context: Context, source: Subject | Address, to: Subject) -> tuple[str, str] | None:
    """Returns what is wrong with a move: a summary and a detail; None for nothing."""
    if isinstance(source, Address):
        return _flaw_of_address(context, source, to)
    if not source.is_key:
        return f"AWS cannot rename {source}", _RENAME
    if not to.is_key:
        return f"{source} is a key and {to} is not", "Name a key, such as keys.NAME."
    return None


def _flaw_of_address(context: Context, source: Address, to: Subject) -> tuple[str, str] | None:
    found, kind = source.resource_type, Kind.KEYS if to.is_key else to.kind
    if found == VERSION:
        return "a version of a secret cannot be moved", f"Write `forget: {source}`."
    if found is None or _MOVABLE.get(found) is not kind:
        types = ", ".join(t for t, k in _MOVABLE.items() if k is kind)
        return f"{source} cannot become {to}", f"Name a resource of type {types}."
    if found == ROTATION and never_rotates(context, to):
        return f"{to} does not rotate in the spec", "Add its rotation, or forget this address."
    return None
