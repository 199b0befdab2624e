"""Whether a spec would deploy a secret as it is: its settings, and who may do what with it.

What an import drops, adds or writes otherwise is told in notes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import product

from secretgen.access.callers import Callers, Principal
from secretgen.live.account import LiveKey
from secretgen.model.environment import Environment, Key
from secretgen.model.names import PROTECTION_TAG
from secretgen.model.secret import AWS_MANAGED, Secret, Source
from secretgen.policy.documents import secret_policy
from secretgen.policy.evaluate import Decision, Request, judge
from secretgen.policy.parse import Policy, parse_policy
from secretgen.spec.schema import Spec
from secretgen.usecases.importing.key_choices import KeyChoices
from secretgen.usecases.importing.spec_entries import Candidate, own_tags, replaced_replicas

_DESCRIBE = "secretsmanager:DescribeSecret"
_ACTIONS = tuple(
    f"secretsmanager:{name}"
    for name in (
        "BatchGetSecretValue", "CancelRotateSecret", "DeleteResourcePolicy", "DeleteSecret",
        "DescribeSecret", "GetResourcePolicy", "GetSecretValue", "ListSecretVersionIds",
        "PutResourcePolicy", "PutSecretValue", "RemoveRegionsFromReplication",
        "ReplicateSecretToRegions", "RestoreSecret", "RotateSecret", "StopReplicationToReplica",
        "TagResource", "UntagResource", "UpdateSecret", "UpdateSecretVersionStage",
        "ValidateResourcePolicy",
    )
)  # fmt: skip
"""All actions on a secret (Service Authorization Reference)."""
_WITH_TLS = {"aws:securetransport": "true"}


def differences(candidate: Candidate, secret: Secret) -> Iterator[str]:
    """Yields what a spec describes otherwise about a secret than AWS, in words."""
    live, rotation = candidate.secret, candidate.secret.rotation
    if secret.description != live.description:
        yield "its description"
    if secret.value.source is not Source.EXTERNAL:
        yield "where its value comes from"
    if {r.region for r in secret.replicas} != {r.region for r in live.replicas}:
        yield "its replicas"
    if not own_tags(live).items() <= dict(secret.tags).items():
        yield "its tags"
    wanted = rotation if rotation and rotation.enabled else None
    if (secret.rotation is None) is not (wanted is None):
        yield "whether it rotates"
    if secret.rotation and wanted:
        said = (secret.rotation.lambda_arn, secret.rotation.schedule, secret.rotation.duration)
        if said != (wanted.lambda_arn, wanted.schedule or None, wanted.duration or None):
            yield "its rotation"


class AccessProof:
    """Compares resource policies with those that an environment would deploy.

    Args:
        environment: the environment.
    """

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._callers = Callers(environment)

    def compare(self, candidate: Candidate, secret: Secret) -> tuple[list[str], list[str]]:
        """Compares who may do what with a secret, before and after.

        Args:
            candidate: the secret as it is.
            secret: the secret as the environment has it.

        Returns:
            What differs, in words; and what is added that every reader and writer of a spec has:
            to describe the secret.
        """
        live = candidate.secret
        before = parse_policy(f"policy of {live.name}", live.policy or {"Statement": []})
        after = parse_policy("policy of the spec", secret_policy(self._environment, secret))
        differing, added = [], []
        roles = {(r.account_id, r.role): r.arn for r in candidate.access.roles if r.arn}
        found = self._principals(secret, before, after)
        for principal in sorted({self._as_it_is(p, roles) for p in found}):
            for caller, action in product(principal.callers, _ACTIONS):
                request = Request(caller, action, live.arn, _WITH_TLS)
                old, new = self._allowed(before, request), self._allowed(after, request)
                if old == new:
                    continue
                if action == _DESCRIBE and new is Decision.ALLOW:
                    added.append(principal.text)
                else:
                    words = "would gain" if new is Decision.ALLOW else "would lose"
                    differing.append(f"{principal.text} {words} {action}")
        return differing, sorted(set(added))

    def _principals(self, secret: Secret, *policies: Policy) -> set[Principal]:
        named: Iterable[Principal] = self._callers.named_in(policies)
        return {
            *named, *self._callers.named_by(secret), *self._callers.strangers, self._callers.own
        }  # fmt: skip

    def _as_it_is(self, principal: Principal, roles: Mapping[tuple[str, str], str]) -> Principal:
        """Returns the role that AWS has for a permission set where the policy tells which it is.

        An account has one role for each permission set that is assigned there.
        """
        is_set = principal.alternative is not None
        arn = roles.get((principal.caller.account, principal.role)) if is_set else None
        return self._callers.role(arn) if arn else principal

    def _allowed(self, policy: Policy, request: Request) -> Decision:
        """Returns the decision; nothing and a deny are the same for callers of other accounts."""
        decision = judge(policy, request).decision
        foreign = request.caller.account != self._environment.aws.account_id
        return Decision.NOTHING if decision is Decision.DENY and foreign else decision


def notes_of(candidate: Candidate, keys: KeyChoices) -> Iterator[str]:
    """Yields what of a secret is not as it was.

    Args:
        candidate: the secret as it is.
        keys: what the spec calls keys.
    """
    live = candidate.secret
    dropped = sorted(live.tags.keys() - own_tags(live).keys() - {PROTECTION_TAG})
    if dropped:
        yield f"tags of AWS are not written: {', '.join(dropped)}"
    if candidate.unmanaged:
        why = "its policy is not managed and stays as it is"
        yield why if live.policy_known else f"{why}; the source does not say what it is"
    if not live.replicas_known:
        yield "the source does not say whether it has replicas; the first plan fails if it has"
    if live.rotation and not live.rotation.enabled:
        yield "its rotation is switched off and is not written"
    named = keys.of_secret(live)
    if named not in {AWS_MANAGED, live.kms_key, *keys.adopted.values()}:
        yield f"the spec has the ARN of its key, not {live.kms_key}"
    for replica in replaced_replicas(live, keys):
        yield (
            f"the apply deletes the replica in {replica.region} and creates it again, because "
            f"AWS has its key as {replica.kms_key} and not by ARN; readers there fail in "
            "between, and `gate` refuses it until an `ignore` entry allows SG515"
        )
    yield from _about_roles(candidate)
    if not live.has_value and live.versions:
        yield "it has no value"


def key_notes(
    environment: Environment, adopted: Mapping[str, LiveKey]
) -> dict[str, tuple[str, ...]]:
    """Returns what the apply changes of each adopted key, by its name in the environment."""
    keys = {key.name: key for key in environment.keys if not key.dedicated}
    return {name: _about_key(keys[name], live) for name, live in adopted.items()}


def _about_key(key: Key, live: LiveKey) -> tuple[str, ...]:
    notes = (
        (f"the apply adds the alias {key.alias}, and keeps the others", True),
        ("the apply switches its rotation on", not live.rotation_enabled),
        (f"the apply describes it as {key.description!r}", live.description != key.description),
    )
    return tuple(note for note, is_true in notes if is_true)


def _about_roles(candidate: Candidate) -> Iterator[str]:
    roles = candidate.access.roles
    own = [role.role for role in roles if role.account_id == candidate.secret.account_id]
    for name in sorted({role.role for role in roles if role.arn}):
        yield f"{name} is a permission set: its role keeps access when AWS creates it again"
    if own:
        yield (
            f"apply the consumer folder of the roles of this account ({', '.join(own)}) before the "
            "environment"
        )


def additions(spec: Spec, candidates: Collection[Candidate]) -> Iterator[str]:
    """Returns what the imported secrets get, as every secret of an environment.

    Args:
        spec: the spec.
        candidates: the imported secrets. A policy that is not managed gets no statement.
    """
    unmanaged = [candidate.unmanaged for candidate in candidates]
    if not all(unmanaged):
        where = ", where its policy is managed" if any(unmanaged) else ""
        yield f"a policy statement that denies calls without TLS{where}"
        if spec.aws.organization_id:
            outside = f"callers outside {spec.aws.organization_id}"
            yield f"a policy statement that denies {outside}{where}"
    if any(candidate.secret.rotates for candidate in candidates):
        yield "where it rotates, a permission to invoke its function for Secrets Manager"
    if spec.tags:
        yield f"the tags of the environment: {', '.join(sorted(spec.tags))}"
    if spec.defaults.tags:
        yield f"the tags of 'defaults': {', '.join(sorted(spec.defaults.tags))}"
    yield f"the tag {PROTECTION_TAG}"
    yield "a recovery window and deletion protection as the spec has them"
