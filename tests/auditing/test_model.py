"""No field of the model is left out of an audit: each is compared, or AWS does not tell it."""

from pathlib import Path

import pytest

from secretgen.model.environment import Environment
from secretgen.spec.load import LoadedSpec
from secretgen.usecases.auditing.environment_audit import audit_environment
from secretgen.usecases.auditing.observed import Observed
from tests.auditing.account import applied
from tests.model.fields import ALL, every_field, every_spec, load, mutations

TODAY = "2026-11-28"

# Part of an environment, and why nothing that an audit reads tells it.
NOT_IN_THE_ACCOUNT = {
    "Environment.backend": "Terraform's own state",
    "Environment.monitoring": "alarms: a scheduled plan compares them",
    "Environment.changes": "what becomes of resources, not what they are",
    "Environment.name": "in the aliases of keys, which follow from it",
    "Account.roles": "policies of a role in the account of a reader; what it may read is in Secret",
    "Account.name": "the spec's own name for an account",
    "Account.id": "in the ARNs of readers and writers",
    "Aws.partition": "in every ARN",
    "Aws.account_id": "whose account is read",
    "Aws.region": "whose Region is read",
    "Key.name": "in its alias",
    "Key.dedicated": "in its alias",
    "Key.deletion_window_days": "AWS tells it only while a key is pending deletion",
    "RegionalKey.region": "where the key is looked for",
    "Secret.name": "what is looked for",
    "Secret.force_overwrite_replica": "what an apply may do, not a state",
    "Secret.recovery_window_days": "AWS tells it only while a secret is pending deletion",
    "Secret.notify_readers": "event rules, which are not read: a scheduled plan compares them",
    "Secret.policy": "where it is unmanaged, the policy that is there is not compared",
    "Value.version": "what Terraform wrote last is in its state",
    "Value.password": "how a value is generated",
    "Value.fields": "a value, which nothing reads",
    "Rotation.immediately": "what an apply does, not a state",
    "RotationSchedule.immediately": "what an apply does, not a state",
    "Rotation.application": "in the ARN of its function; the function itself is not read",
    "Rotation.vpc": "network of the rotation function, which is not read",
    "Rotation.exclude_characters": "a setting of the rotation function, which is not read",
    "ServiceSecret.name": "the spec's own name for it",
    "KeyGrant.role_arn": "follows from the readers and writers of secrets",
    "KeyGrant.secrets": "follows from the readers and writers of secrets",
}

# Classes that stand only where an audit looks at nothing.
NOT_READ = {
    "Backend", "Monitoring", "Notify",  # see Environment
    "Role", "SecretInRegion",  # see Account.roles
    "Field", "Number", "Password", "Vpc",  # see Value and Rotation
    "GrantGroup",  # made of KeyGrant
}  # fmt: skip


def found(loaded: LoadedSpec, expected: Environment, live: Environment) -> list[str]:
    observed = Observed(expected, applied(live))
    return [
        f"{f.finding.rule} {f.finding.summary}"
        for f in audit_environment(loaded, observed, today=TODAY)
    ]


@pytest.mark.parametrize("spec", ALL, ids=lambda s: s.stem)
def test_applied_environment_matches_the_spec(spec: Path) -> None:
    loaded = load(spec)
    environment = loaded.parts[1]
    assert found(loaded, environment, environment) == []


def test_every_field_is_compared() -> None:
    """Each field of the model is changed in turn: somewhere, the audit has to see it."""
    seen: set[str] = set()
    for loaded in every_spec():
        environment = loaded.parts[1]
        for name, other in mutations(environment, NOT_IN_THE_ACCOUNT):
            if name not in seen and found(loaded, other, environment):
                seen.add(name)
    excluded = {name for name in every_field() if name.partition(".")[0] in NOT_READ}
    assert every_field() - seen - excluded == set(NOT_IN_THE_ACCOUNT)
