"""What a role reads, from its policies: nothing but those reads may be allowed by them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from secretgen.hcl.nodes import ListValue, ObjectValue, Value
from secretgen.model.compare import Code, Path
from secretgen.model.environment import Aws, SecretInRegion
from secretgen.readback.fields import Fields
from secretgen.readback.root import Root
from secretgen.readback.values import Ref, code, leaf, says, shown, text

_ROLE, _INLINE = "aws_iam_role", "aws_iam_role_policy"
_MANAGED, _ATTACHMENT = "aws_iam_policy", "aws_iam_role_policy_attachment"
_VERSION = "2012-10-17"
_ACTIONS = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]
_ARN = re.compile(r"arn:(?P<partition>[^:]+):secretsmanager:([^:]+):([^:]+):secret:(.+)-\?{6}")


def read_policies(root: Root, role: str, path: Path, aws: Aws) -> tuple[SecretInRegion, ...]:
    """Reads what a role reads from its inline policy, or from those that are attached to it.

    Args:
        root: the blocks of the role's account.
        role: label of the role.
        path: what of the environment the role is.
        aws: the account of the secrets.
    """
    reads: list[Any] = []
    policies = [root.take("resource", _INLINE, role, path=path)]
    if policies[0]:
        policies[0].expect("role", Ref(_ROLE, role, "name"))
    parts = re.compile(re.escape(role) + "_part_[01]+")
    for address in root.addresses("resource", _MANAGED):
        if parts.fullmatch(address[-1]):
            _check_attachment(root, address[-1], role, path)
            policies.append(root.take(*address, path=path))
    for policy in policies:
        if policy:
            reads += _read_policy(policy, aws)
    return tuple(sorted(reads, key=_order))


def _order(read: Any) -> tuple[str, str]:
    return (read.secret, read.region) if isinstance(read, SecretInRegion) else ("", str(read))


def _check_attachment(root: Root, policy: str, role: str, path: Path) -> None:
    attachment = root.take("resource", _ATTACHMENT, policy, path=path)
    if attachment is None:
        root.lacks("resource", _ATTACHMENT, policy)
        return
    attachment.expect("role", Ref(_ROLE, role, "name"))
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
    match statements:
        case ListValue((ObjectValue() as first, *others)):
            reading = Fields(first, first.span, policy.path, policy.notes)
        case _:
            path = (*policy.path, "policy")
            policy.notes.odd(path, "statements", leaf(statements), policy.span)
            return []
    reading.expect("Sid", "ReadSecrets")
    reading.expect("Effect", "Allow")
    reading.expect("Action", _ACTIONS)
    resource = reading.take("Resource", "reads")
    reading.finish()
    arns = resource.items if isinstance(resource, ListValue) else ()
    reads = [_read(arn, aws) for arn in arns]
    _check_decryption(others, reads, policy, aws)
    return reads


def _read(arn: Value, aws: Aws) -> SecretInRegion | Code:
    match = _ARN.fullmatch(str(text(arn)))
    if match and (match[1], match[3]) == (aws.partition, aws.account_id):
        return SecretInRegion(secret=match[4], region=match[2])
    return Code(code(arn))


def _check_decryption(others: Iterable[Value], reads: list[Any], policy: Fields, aws: Aws) -> None:
    """Holds all statements but the first against the one right way to decrypt what is read."""
    expected = list(_decryption(reads, aws))
    found = list(others)
    for i in range(max(len(expected), len(found))):
        statement = found[i] if i < len(found) else None
        wanted = expected[i] if i < len(expected) else None
        if statement is None or wanted is None or not says(statement, wanted):
            path = (*policy.path, f"policy.Statement[{i + 1}]")
            span = statement.span if statement else policy.span
            policy.notes.odd(path, shown(wanted), leaf(statement), span)


def _decryption(reads: Iterable[Any], aws: Aws) -> Iterator[dict[str, Any]]:
    by_region: dict[str, list[str]] = defaultdict(list)
    for read in reads:
        if isinstance(read, SecretInRegion):
            arn = f"arn:{aws.partition}:secretsmanager:{read.region}:{aws.account_id}"
            by_region[read.region].append(f"{arn}:secret:{read.secret}-??????")
    domain = "amazonaws.com.cn" if aws.partition == "aws-cn" else "amazonaws.com"
    for region, arns in sorted(by_region.items()):
        yield {
            "Effect": "Allow",
            "Action": "kms:Decrypt",
            "Resource": f"arn:{aws.partition}:kms:{region}:{aws.account_id}:key/*",
            "Condition": {
                "StringEquals": {"kms:ViaService": f"secretsmanager.{region}.{domain}"},
                "StringLike": {"kms:EncryptionContext:SecretARN": arns},
            },
        }
