"""What a role reads, from its policies: nothing but those reads may be allowed by them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from secretgen.hcl.nodes import ListValue, ObjectValue, Value
from secretgen.model.compare import Code, Path
from secretgen.model.environment import Aws, SecretInRegion
from secretgen.model.names import label
from secretgen.readback.fields import Fields
from secretgen.readback.root import Root
from secretgen.readback.values import Ref, code, leaf, says, shown, text, texts

_ROLE, _INLINE = "aws_iam_role", "aws_iam_role_policy"
_MANAGED, _ATTACHMENT = "aws_iam_policy", "aws_iam_role_policy_attachment"
_VERSION = "2012-10-17"
_WHOLE = "ReadSecrets"
"""Sid of the statement about secrets; of several, what their Sids begin with."""
_ANY_REGION = "*"
_ACTIONS = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]
_ARN = re.compile(r"arn:(?P<partition>[^:]+):secretsmanager:([^:]+):([^:]+):secret:(.+)-\?{6}")


def existing_roles(root: Root) -> list[str]:
    """Finds the roles that are created elsewhere: policies are attached to them by name."""
    found = set()
    for address in root.addresses("resource", _ATTACHMENT):
        name = root.peek_text("role", *address)
        if name is not None:
            path = (root.peek_text("path", "resource", _MANAGED, address[-1]) or "").strip("/")
            found.add(f"{path}/{name}".lstrip("/"))
    return sorted(found)


def read_policies(
    root: Root, role: str, path: Path, aws: Aws, *, existing: bool = False
) -> tuple[SecretInRegion, ...]:
    """Reads what a role reads from its inline policy, or from those that are attached to it.

    Args:
        root: the blocks of the role's account.
        role: name of the role, with its path.
        path: what of the environment the role is.
        aws: the account of the secrets.
        existing: whether the role is created elsewhere.
    """
    role_label = label(role)
    target = role.rpartition("/")[2] if existing else Ref(_ROLE, role_label, "name")
    reads: list[Any] = []
    policies = [] if existing else [root.take("resource", _INLINE, role_label, path=path)]
    for inline in policies:
        if inline:
            inline.expect("role", target)
    parts = re.compile(re.escape(role_label) + "_(part_[01]+|secrets)")
    for address in root.addresses("resource", _MANAGED):
        if parts.fullmatch(address[-1]):
            _check_attachment(root, address[-1], target, path)
            policies.append(root.take(*address, path=path))
    for policy in policies:
        if policy:
            reads += _read_policy(policy, aws)
    return tuple(sorted(reads, key=_order))


def _order(read: Any) -> tuple[str, str]:
    return (read.secret, read.region) if isinstance(read, SecretInRegion) else ("", str(read))


def _check_attachment(root: Root, policy: str, role: Ref | str, path: Path) -> None:
    attachment = root.take("resource", _ATTACHMENT, policy, path=path)
    if attachment is None:
        root.lacks("resource", _ATTACHMENT, policy)
        return
    attachment.expect("role", role)
    attachment.expect("policy_arn", Ref(_MANAGED, policy, "arn"))
    attachment.finish()


def _read_policy(policy: Fields, aws: Aws) -> list[Any]:
    """Reads one policy: the secrets, then for each Region their decryption."""
    policy.skip("name", "path", "description")
    document = policy.document("policy")
    statements = document.take("Statement") if document else None
    if document:
        document.expect("Version", _VERSION)
        document.finish()
    policy.finish()
    items = statements.items if isinstance(statements, ListValue) else ()
    reading = [item for item in items if isinstance(item, ObjectValue) and _reads(item)]
    if not reading:
        path = (*policy.path, "policy")
        policy.notes.odd(path, "statements", leaf(statements), policy.span)
        return []
    is_compact = len(reading) > 1 or _sid(reading[0]) != _WHOLE
    reads: list[Any] = []
    for number, statement in enumerate(reading, start=1):
        fields = Fields(statement, statement.span, policy.path, policy.notes)
        fields.expect("Sid", f"{_WHOLE}{number}" if is_compact else _WHOLE)
        fields.expect("Effect", "Allow")
        fields.expect("Action", _ACTIONS)
        regions = _take_regions(fields) if is_compact else None
        resource = fields.take("Resource", "reads")
        fields.finish()
        arns = resource.items if isinstance(resource, ListValue) else ()
        reads += [read for arn in arns for read in _read(arn, aws, regions)]
    others = [item for item in items if item not in reading]
    _check_decryption(others, list(_decryption(reads, aws, is_compact=is_compact)), policy)
    return reads


def _reads(statement: ObjectValue) -> bool:
    return _sid(statement).startswith(_WHOLE)


def _sid(statement: ObjectValue) -> str:
    return next((str(text(entry.value)) for entry in statement.entries if entry.key == "Sid"), "")


def _take_regions(statement: Fields) -> tuple[str, ...]:
    """Takes the Regions of the secrets that a statement names for every Region."""
    condition = statement.object("Condition")
    compared = condition.object("StringEquals") if condition else None
    regions = compared.get("aws:RequestedRegion", texts, "reads") if compared else ()
    for fields in (compared, condition):
        if fields:
            fields.finish()
    return regions if isinstance(regions, tuple) else ()


def _read(arn: Value, aws: Aws, regions: tuple[str, ...] | None) -> list[SecretInRegion | Code]:
    match = _ARN.fullmatch(str(text(arn)))
    is_ours = match and (match[1], match[3]) == (aws.partition, aws.account_id)
    if match and is_ours and (match[2] == _ANY_REGION) == (regions is not None):
        return [SecretInRegion(match[4], region) for region in regions or (match[2],)]
    return [Code(code(arn))]


def _check_decryption(
    found: Sequence[Value], expected: Sequence[dict[str, Any]], policy: Fields
) -> None:
    """Holds all other statements against the one right way to decrypt what is read."""
    for i in range(max(len(expected), len(found))):
        statement = found[i] if i < len(found) else None
        wanted = expected[i] if i < len(expected) else None
        if statement is None or wanted is None or not says(statement, wanted):
            path = (*policy.path, f"policy.Statement[{i + 1}]")
            span = statement.span if statement else policy.span
            policy.notes.odd(path, shown(wanted), leaf(statement), span)


def _decryption(reads: Iterable[Any], aws: Aws, *, is_compact: bool) -> Iterator[dict[str, Any]]:
    by_region: dict[str, list[str]] = defaultdict(list)
    for read in reads:
        if isinstance(read, SecretInRegion):
            arn = f"arn:{aws.partition}:secretsmanager:{read.region}:{aws.account_id}"
            by_region[read.region].append(f"{arn}:secret:{read.secret}-??????")
    domain = "amazonaws.com.cn" if aws.partition == "aws-cn" else "amazonaws.com"
    if is_compact:
        secrets = f"arn:{aws.partition}:secretsmanager:*:{aws.account_id}:secret:*"
        via = [f"secretsmanager.{region}.{domain}" for region in sorted(by_region)]
        yield _statement(aws, _ANY_REGION, via, secrets)
        return
    for region, arns in sorted(by_region.items()):
        yield _statement(aws, region, f"secretsmanager.{region}.{domain}", arns)


def _statement(aws: Aws, region: str, via: Any, secrets: Any) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Action": "kms:Decrypt",
        "Resource": f"arn:{aws.partition}:kms:{region}:{aws.account_id}:key/*",
        "Condition": {
            "StringEquals": {"kms:ViaService": via},
            "StringLike": {"kms:EncryptionContext:SecretARN": secrets},
        },
    }
