"""Which secrets can come into a spec, and why the others cannot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from secretgen.live.account import LiveSecret
from secretgen.spec.characters import forbidden_in_value

_CLOUDFORMATION = "aws:cloudformation:"


class Skipped(Struct, frozen=True):
    """A secret that is not imported.

    Args:
        name: its name.
        reason: why.
        hint: what can be done.
        statement: the statement of its policy that is the reason, as JSON data.
    """

    name: str
    reason: str
    hint: str = ""
    statement: Mapping[str, object] | None = None


def skipped(secret: LiveSecret, *, retained: bool = False) -> Skipped | None:
    """Returns why a secret cannot be managed by an environment; None if it can.

    Args:
        secret: the secret.
        retained: whether stacks of CloudFormation have let go of all secrets with their tags.
    """
    reason, hint = next(_reasons(secret, retained=retained), ("", ""))
    return Skipped(secret.name, reason, hint) if reason else None


def unknown_policy(secret: LiveSecret) -> Skipped:
    """Returns that a secret is not imported because its policy is not known."""
    hint = (
        "Add the output of `get-resource-policy` for it to the dump (from AWS: allow"
        " secretsmanager:GetResourcePolicy), or run with --policy unmanaged to leave its policy"
        " as it is."
    )
    return Skipped(secret.name, "its policy is not known", hint)


def immovable(secret: LiveSecret, address: str) -> Skipped:
    """Returns why a secret cannot move from its address in a Terraform state."""
    reason = f"its address {address} has characters that a spec cannot contain"
    hint = "Run `terraform state mv` first, or use --state other."
    return Skipped(secret.name, reason, hint)


def _reasons(secret: LiveSecret, *, retained: bool) -> Iterator[tuple[str, str]]:
    """Yields each reason, with what can be done."""
    if not secret.is_described and "!" not in secret.name:
        hint = "Add the output of `describe-secret` and `get-resource-policy` for it to the dump."
        yield "the dump does not describe it", hint
    if secret.deleted:
        hint = "To keep it, restore it and run again."
        yield f"it is scheduled for deletion ({secret.deleted:%Y-%m-%d})", hint
    if secret.owning_service or "!" in secret.name:
        owner = secret.owning_service or secret.name.partition("!")[0]
        hint = "To set its rotation, write its ARN under 'service_secrets'."
        yield f"the AWS service {owner} owns it", hint
    if not retained and any(key.startswith(_CLOUDFORMATION) for key in secret.tags):
        hint = (
            "Retain it (DeletionPolicy), remove it from the stack, then run again with --retained."
        )
        yield "it carries the tags of a CloudFormation stack", hint
    if secret.is_replica:
        where = secret.primary_account or secret.primary_region
        yield f"it is a replica of {where}", "Import the primary secret."
    if secret.has_account_replicas:
        yield "it has replicas in other accounts", "A spec cannot describe such replicas."
    if secret.type:
        hint = "A spec cannot describe managed external secrets."
        yield f"it is a managed external secret ({secret.type})", hint
    if secret.rotation and secret.rotation.enabled and not secret.rotation.lambda_arn:
        hint = "If a service owns it, write its ARN under 'service_secrets'."
        yield "AWS rotates it without a function", hint
    texts = (secret.name, secret.description, *secret.tags, *secret.tags.values())
    if any(map(forbidden_in_value, texts)):
        yield "its name, description or a tag holds a control character", "Remove it in AWS."
