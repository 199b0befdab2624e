"""Identity policies in plans: those of the readers' roles, and others that should not be there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from secretgen.insight.access.findings import Finding
from secretgen.insight.access.plan_file import Resource, document_of, policy_of
from secretgen.insight.access.policies import merged, role_title
from secretgen.model.environment import Account, Environment
from secretgen.model.names import role_arn
from secretgen.policy.alarms import topic_role_policy
from secretgen.policy.documents import Document
from secretgen.policy.parse import Policy
from secretgen.policy.trust import trust_policy

ROLE_POLICY = "aws_iam_role_policy"
ATTACHMENT = "aws_iam_role_policy_attachment"
_MANAGED_POLICY = "aws_iam_policy"
_ROLE = "aws_iam_role"
_TRUST = "assume_role_policy"
_INLINE, _ATTACHED = "inline_policy", "managed_policy_arns"
_NOT_EVALUATED = (
    "aws_iam_group_policy", "aws_iam_group_policy_attachment", "aws_iam_policy_attachment",
    "aws_iam_group_policy_attachments_exclusive", "aws_iam_role_policy_attachments_exclusive",
    "aws_iam_user_policy", "aws_iam_user_policy_attachment",
    "aws_iam_user_policy_attachments_exclusive",
)  # fmt: skip
_SERVICES = ("secretsmanager", "kms")


def foreign_identities(
    environment: Environment, resources: Sequence[Resource]
) -> Iterator[Finding]:
    """Looks for identity policies beside an environment's secrets.

    Its own, those of the alarms and of the trail, never use Secrets Manager; one uses keys, those
    of the topic of another account.
    """
    own = topic_role_policy(environment)
    for resource in resources:
        if resource.type in (ATTACHMENT, *_NOT_EVALUATED):
            yield resource.odd("grants access in a way that is not evaluated")
        if resource.type in (ROLE_POLICY, _MANAGED_POLICY) and _grants(
            resource, resource.values, own
        ):
            yield resource.odd("is about secrets or keys, and no policy of a reader")
        if resource.type == _ROLE and (
            resource.arguments.keys() & {_INLINE, _ATTACHED}
            or resource.texts(_ATTACHED)
            or any(_grants(resource, inline, own) for inline in resource.blocks(_INLINE))
        ):
            yield resource.odd("brings policies of its own, which are not evaluated")


def _grants(resource: Resource, values: Mapping[str, Any], own: Document | None) -> bool:
    """Tells whether a policy allows anything about secrets or keys, and is not the environment's.

    What is not known before the apply names a resource that the same plan makes; an
    environment's own policies do.
    """
    text = values.get("policy")
    if not isinstance(text, str) or not text:
        return False
    document = document_of("identity policy", resource, text)
    if document == own:
        return False
    statements = document.get("Statement") if isinstance(document, Mapping) else None
    return any(map(_is_about_secrets, statements if isinstance(statements, list) else [statements]))


def _is_about_secrets(statement: Any) -> bool:
    if not isinstance(statement, Mapping) or "NotAction" in statement:
        return True
    actions = statement.get("Action")
    services = [str(a).split(":")[0].lower() for a in _listed(actions)]
    return statement.get("Effect") == "Allow" and any(
        fnmatchcase(known, service) for known in _SERVICES for service in services
    )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


class AccountPolicies:
    """Collects the policies of the roles in a reader's account.

    Args:
        environment: what the spec says.
        account: the reader's account.
    """

    def __init__(self, environment: Environment, account: Account) -> None:
        partition = environment.aws.partition
        # Role names are unique in an account, whatever their paths are.
        roles = {role.name.rpartition("/")[2]: role for role in account.deployed_roles}
        self._arns = {
            name: role_arn(partition, account.id, role.name) for name, role in roles.items()
        }
        self._trusts = {
            name: trust_policy(partition, account, role)
            for name, role in roles.items()
            if role.trust
        }
        self.roles: dict[str, Policy] = {}
        """Identity policies by the role's ARN."""
        self.findings: list[Finding] = []
        """What is odd about them."""

    @property
    def missing(self) -> list[str]:
        """ARNs of the roles without a policy."""
        return [arn for arn in self._arns.values() if arn not in self.roles]

    def collect(self, resources: Sequence[Resource]) -> None:
        """Takes the policies of a plan."""
        managed = {r.address: r for r in resources if r.type == _MANAGED_POLICY}
        for resource in resources:
            if resource.type == ROLE_POLICY:
                self._add(resource, resource)
            elif resource.type == ATTACHMENT:
                self._add(resource, _attached(resource, managed))
            elif resource.type == _ROLE:
                self._look_at_role(resource, managed)
            elif resource.type in _NOT_EVALUATED:
                self.findings.append(resource.odd("grants access in a way that is not evaluated"))

    def _add(self, resource: Resource, policy: Resource | None) -> None:
        arn = self._arns.get(resource.text("role") or "")
        if arn is None or policy is None:
            self.findings.append(resource.odd("is about no reader and policy of the spec"))
        else:
            self._add_policy(arn, policy, policy.values.get("policy"))

    def _add_policy(self, arn: str, resource: Resource, text: Any) -> None:
        """Adds a policy to a role; AWS takes all policies of a role together."""
        policy = policy_of(role_title(arn), resource, text, identity=True)
        before = self.roles.get(arn)
        self.roles[arn] = merged([before, policy]) if before else policy

    def _look_at_role(self, role: Resource, managed: Mapping[str, Resource]) -> None:
        name = role.text("name") or ""
        arn = self._arns.get(name)
        if arn is None:  # No policy of a secret or key lets in a role that is no reader.
            return
        if name not in self._trusts:
            self.findings.append(role.odd("creates a role that is created elsewhere"))
            return
        trust = role.text(_TRUST)
        if trust is not None:
            document = document_of(f"trust policy of {arn}", role, trust)
            if _canonical(document) != _canonical(self._trusts[name]):
                self.findings.append(role.odd("does not let exactly those assume it that may"))
        known = {policy.text("arn") for policy in managed.values()}
        if _ATTACHED in role.arguments or set(role.texts(_ATTACHED)) - known:
            self.findings.append(role.odd("attaches policies that are not evaluated"))
        inline = [i for i in role.blocks(_INLINE) if i.get("policy")]
        if _INLINE in role.arguments and not inline:
            self.findings.append(role.odd("has policies that are not known before the apply"))
        for item in inline:
            self._add_policy(arn, role, item["policy"])


def _attached(attachment: Resource, managed: Mapping[str, Resource]) -> Resource | None:
    """Finds the policy that is attached: the one beside it of the same name, not one of AWS's."""
    prefix = f"{attachment.module}." if attachment.module else ""
    key = attachment.address.removeprefix(f"{prefix}{ATTACHMENT}.")
    policy = managed.get(f"{prefix}{_MANAGED_POLICY}.{key}")
    return policy if policy and attachment.is_given("policy_arn", policy) else None


def _canonical(value: Any) -> Any:
    """Makes documents equal that mean the same: lists of one, order, and labels say nothing."""
    if isinstance(value, Mapping):
        return {k: _canonical(v) for k, v in value.items() if k != "Sid"}
    if isinstance(value, list):
        items = sorted((_canonical(v) for v in value), key=repr)
        return items[0] if len(items) == 1 else items
    return value
