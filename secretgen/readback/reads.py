"""What a role reads and writes, from its policies: they may allow nothing else."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Any

from msgspec import Struct

from secretgen.hcl.hcl_nodes import ListValue, ObjectValue, Value
from secretgen.model.compare import Code, Path
from secretgen.model.environment import Aws, SecretInRegion
from secretgen.model.names import label
from secretgen.readback.block_fields import Fields
from secretgen.readback.read_root import Root
from secretgen.readback.read_values import Ref, code, matches, shown, text, texts, to_plain

_ROLE, _INLINE = "aws_iam_role", "aws_iam_role_policy"
_MANAGED, _ATTACHMENT = "aws_iam_policy", "aws_iam_role_policy_attachment"
_VERSION = "2012-10-17"
_READING, _WRITING = "ReadSecrets", "WriteSecrets"
"""Sids of the statements about secrets; in a policy that is a part, a number follows."""
_ANY_REGION = "*"
_ACTIONS = {
    _READING: ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
    _WRITING: [
        "secretsmanager:DescribeSecret",
        "secretsmanager:PutSecretValue",
        "secretsmanager:UpdateSecretVersionStage",
    ],
}
_DECRYPT, _ENCRYPT = "kms:Decrypt", ["kms:Decrypt", "kms:GenerateDataKey"]
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


class RoleAccess(Struct):
    """What the policies of a role let it read and write; code for what no spec can say."""

    reads: Any = ()
    writes: Any = ()

    def add(self, other: RoleAccess) -> None:
        """Adds what another policy of the role allows."""
        self.reads = tuple(sorted((*self.reads, *other.reads), key=_order))
        self.writes = tuple(sorted((*self.writes, *other.writes), key=str))


def read_policies(
    root: Root, role: str, path: Path, aws: Aws, *, existing: bool = False
) -> RoleAccess:
    """Reads what a role may do from its inline policy, or from those that are attached to it.

    Args:
        root: the blocks of the role's account.
        role: name of the role, with its path.
        path: what of the environment the role is.
        aws: the account of the secrets.
        existing: whether the role is created elsewhere.
    """
    role_label = label(role)
    target = role.rpartition("/")[2] if existing else Ref(_ROLE, role_label, "name")
    access = RoleAccess()
    policies = []
    if not existing and (inline := root.take("resource", _INLINE, role_label, path=path)):
        inline.expect("role", target)
        policies.append(inline)
    parts = re.compile(re.escape(role_label) + "_(part_[01]+|secrets)")
    for address in root.addresses("resource", _MANAGED):
        if parts.fullmatch(address[-1]):
            _check_attachment(root, address[-1], target, path)
            policies.append(root.known(*address, path=path))
    for policy in policies:
        access.add(_read_policy(policy, aws))
    return access


def _order(read: Any) -> tuple[str, str]:
    return (read.secret, read.region) if isinstance(read, SecretInRegion) else ("", str(read))


def _check_attachment(root: Root, policy: str, role: Ref | str, path: Path) -> None:
    attachment = root.need("resource", _ATTACHMENT, policy, path=path)
    if attachment is None:
        return
    attachment.expect("role", role)
    attachment.expect("policy_arn", Ref(_MANAGED, policy, "arn"))
    attachment.finish()


def _read_policy(policy: Fields, aws: Aws) -> RoleAccess:
    """Reads one policy: what is read, with the keys of each Region, then what is written."""
    policy.skip("name", "path", "description")
    document = policy.document("policy")
    statements = document.take("Statement") if document else None
    if document:
        document.expect("Version", _VERSION)
        document.finish()
    policy.finish()
    items = statements.items if isinstance(statements, ListValue) else ()
    reading, writing = (
        [item for item in items if isinstance(item, ObjectValue) and _sid(item).startswith(sid)]
        for sid in (_READING, _WRITING)
    )
    if not (reading or writing):
        policy.add_unexpected("policy", "statements", to_plain(statements))
        return RoleAccess()
    is_compact = _sid((reading or writing)[0]) not in (_READING, _WRITING)
    reads = [
        read
        for number, statement in enumerate(reading, start=1)
        for read in _read_reading(statement, number if is_compact else None, policy, aws)
    ]
    writes = [
        name
        for number, statement in enumerate(writing, start=1)
        for name in _read_writing(statement, number if is_compact else None, policy, aws)
    ]
    others = [item for item in items if item not in (*reading, *writing)]
    _check_key_use(others, _key_use(reads, writes, aws, is_compact=is_compact), policy)
    return RoleAccess(reads, writes)


def _read_reading(
    statement: ObjectValue, number: int | None, policy: Fields, aws: Aws
) -> list[SecretInRegion | Code]:
    """Reads the secrets of a statement; one with a number says in which Regions they are read."""
    fields = _statement(statement, _READING, number, policy)
    regions = _take_regions(fields) if number else None
    return [read for arn in _resources(fields, "reads") for read in _read(arn, aws, regions)]


def _read_writing(
    statement: ObjectValue, number: int | None, policy: Fields, aws: Aws
) -> list[str | Code]:
    fields = _statement(statement, _WRITING, number, policy)
    written: list[str | Code] = []
    for arn in _resources(fields, "writes"):
        for read in _read(arn, aws, None):
            if isinstance(read, SecretInRegion) and read.region == aws.region:
                written.append(read.secret)
            else:
                written.append(Code(code(arn)))
    return written


def _statement(statement: ObjectValue, sid: str, number: int | None, policy: Fields) -> Fields:
    fields = Fields(statement, statement.span, policy.path, policy.notes)
    fields.expect("Sid", f"{sid}{number or ''}")
    fields.expect("Effect", "Allow")
    fields.expect("Action", _ACTIONS[sid])
    return fields


def _resources(statement: Fields, what: str) -> Sequence[Value]:
    resource = statement.take("Resource", what)
    statement.finish()
    return resource.items if isinstance(resource, ListValue) else ()


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


def _check_key_use(
    found: Iterable[Value], expected: Iterable[dict[str, Any]], policy: Fields
) -> None:
    """Holds all other statements against the one right way to use the keys of these secrets."""
    for number, (statement, wanted) in enumerate(zip_longest(found, expected), start=1):
        if statement is None or wanted is None or not matches(statement, wanted):
            word, span = f"policy.Statement[{number}]", statement.span if statement else None
            policy.add_unexpected(word, shown(wanted), to_plain(statement), span)


def _key_use(
    reads: Iterable[Any], writes: Iterable[Any], aws: Aws, *, is_compact: bool
) -> Iterator[dict[str, Any]]:
    by_region: dict[str, list[str]] = defaultdict(list)
    for read in reads:
        if isinstance(read, SecretInRegion):
            by_region[read.region].append(_arn(aws, read.region, f"{read.secret}-??????"))
    written = [_arn(aws, aws.region, f"{name}-??????") for name in writes if isinstance(name, str)]
    if is_compact:
        if by_region:
            everywhere = _arn(aws, _ANY_REGION, "*")
            yield _key_statement(aws, _DECRYPT, _ANY_REGION, sorted(by_region), everywhere)
        if written:
            yield _key_statement(aws, _ENCRYPT, aws.region, aws.region, _arn(aws, aws.region, "*"))
        return
    for region, arns in sorted(by_region.items()):
        yield _key_statement(aws, _DECRYPT, region, region, arns)
    if written:
        yield _key_statement(aws, _ENCRYPT, aws.region, aws.region, written)


def _arn(aws: Aws, region: str, secret: str) -> str:
    return f"arn:{aws.partition}:secretsmanager:{region}:{aws.account_id}:secret:{secret}"


def _key_statement(
    aws: Aws, actions: Any, where: str, regions: str | list[str], secrets: Any
) -> dict[str, Any]:
    domain = "amazonaws.com.cn" if aws.partition == "aws-cn" else "amazonaws.com"
    via: Any = [f"secretsmanager.{region}.{domain}" for region in regions]
    if isinstance(regions, str):
        via = f"secretsmanager.{regions}.{domain}"
    return {
        "Effect": "Allow",
        "Action": actions,
        "Resource": f"arn:{aws.partition}:kms:{where}:{aws.account_id}:key/*",
        "Condition": {
            "StringEquals": {"kms:ViaService": via},
            "StringLike": {"kms:EncryptionContext:SecretARN": secrets},
        },
    }
