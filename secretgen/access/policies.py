"""The policies that decide about an environment's secrets, ready to be evaluated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from secretgen.model.environment import Account, Environment, Role
from secretgen.model.names import permission_set_roles, role_arn
from secretgen.model.secret import AWS_MANAGED, DEDICATED, Secret
from secretgen.policy.documents import key_policy, secret_policy
from secretgen.policy.parse import Policy, parse_policy
from secretgen.policy.role_policies import role_policies


class KeyPlace(Struct, frozen=True, order=True):
    """A key of the environment in one Region.

    Args:
        name: name of a shared key, or the secret that the key is dedicated to.
        dedicated: True for the key of one secret.
        region: where it is.
    """

    name: str
    dedicated: bool
    region: str

    @property
    def title(self) -> str:
        """How messages name its policy."""
        kind = "key" if self.dedicated else "shared key"
        return f"policy of the {kind} {self.name} in {self.region}"


class Policies(Struct, frozen=True):
    """The three kinds of policies that a read has to pass.

    Args:
        secrets: resource policies by secret, of those that are managed; AWS copies them to the
            replicas.
        keys: key policies.
        roles: identity policies by `identity_arn`.
    """

    secrets: Mapping[str, Policy]
    keys: Mapping[KeyPlace, Policy]
    roles: Mapping[str, Policy]


def rendered_policies(environment: Environment) -> Policies:
    """Makes the policies that an environment is rendered with."""
    aws = environment.aws
    keys = {
        KeyPlace(key.name, key.dedicated, regional.region): regional
        for key in environment.keys
        for regional in key.regions
    }
    return Policies(
        secrets={
            s.name: parse_policy(secret_title(s.name), secret_policy(environment, s))
            for s in environment.secrets
            if s.manages_policy
        },
        keys={
            place: parse_policy(place.title, key_policy(aws, regional))
            for place, regional in keys.items()
        },
        roles={
            identity_arn(environment, account, role): _role_policy(environment, account, role)
            for account in environment.accounts
            for role in account.roles
        },
    )


def identity_arn(environment: Environment, account: Account, role: Role) -> str:
    """Returns the ARN of a role; of a permission set, the pattern with a Region in its path."""
    name = permission_set_roles(role.name)[0] if role.permission_set else role.name
    return role_arn(environment.aws.partition, account.id, name)


def _role_policy(environment: Environment, account: Account, role: Role) -> Policy:
    title = role_title(identity_arn(environment, account, role))
    if role.permission_set:
        title = f"policy of the permission set {role.name} in {account.name}"
    documents = role_policies(environment, role).documents
    return merged([parse_policy(title, d, identity=True) for d in documents])


def merged(policies: Sequence[Policy]) -> Policy:
    """Makes one policy of several with the same title: AWS takes those of a role together."""
    return Policy(policies[0].title, tuple(s for policy in policies for s in policy.statements))


def secret_title(secret: str) -> str:
    """How messages name the resource policy of a secret."""
    return f"resource policy of {secret}"


def role_title(arn: str) -> str:
    """How messages name the identity policy of a role."""
    return f"identity policy of {arn}"


def regions_of(environment: Environment, secret: Secret) -> tuple[str, ...]:
    """The Regions that hold a secret, the primary one first."""
    return (environment.aws.region, *(replica.region for replica in secret.replicas))


def key_in(secret: Secret, region: str) -> KeyPlace | str:
    """The key that encrypts a secret in a Region.

    Returns:
        A key of the environment, the ARN of one managed elsewhere, or `aws-managed`.
    """
    replica = next((r for r in secret.replicas if r.region == region), None)
    if replica and replica.kms_key:
        return replica.kms_key
    if secret.kms_key == DEDICATED:
        return KeyPlace(secret.name, dedicated=True, region=region)
    if secret.kms_key == AWS_MANAGED or secret.kms_key.startswith("arn:"):
        return secret.kms_key
    return KeyPlace(secret.kms_key, dedicated=False, region=region)
