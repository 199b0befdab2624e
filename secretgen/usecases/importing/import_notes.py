"""What an import drops, adds or writes otherwise than in AWS, in words."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from secretgen.live.account import LiveSecret
from secretgen.model.names import PROTECTION_TAG
from secretgen.model.secret import AWS_MANAGED, AWS_MANAGED_ALIAS, Secret
from secretgen.spec.schema import Spec
from secretgen.usecases.importing.key_choices import KeyChoices
from secretgen.usecases.importing.spec_entries import Candidate, own_tags


def notes_of(candidate: Candidate, secret: Secret, keys: KeyChoices) -> list[str]:
    """Returns what of a secret is not as it was.

    Args:
        candidate: the secret as it is.
        secret: the secret as the spec has it.
        keys: what the spec calls keys.
    """
    return list(_notes(candidate, secret, keys))


def _notes(candidate: Candidate, secret: Secret, keys: KeyChoices) -> Iterator[str]:
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
    yield from _about_replicas(live, secret)
    yield from _about_roles(candidate)
    if not live.has_value and live.versions:
        yield "it has no value"


def _about_replicas(live: LiveSecret, secret: Secret) -> Iterator[str]:
    """Returns which replicas Terraform would replace: those whose key has another name in AWS."""
    written = {
        replica.region: AWS_MANAGED_ALIAS if replica.kms_key == AWS_MANAGED else replica.kms_key
        for replica in secret.replicas
    }
    for replica in live.replicas:
        if replica.kms_key and replica.kms_key != written.get(replica.region):
            yield (
                f"the apply deletes the replica in {replica.region} and creates it again, because "
                f"AWS has its key as {replica.kms_key} and not by ARN; readers there fail in "
                "between, and `gate` refuses it until an `ignore` entry allows SG515"
            )


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
    if spec.tags:
        yield f"the tags of the environment: {', '.join(sorted(spec.tags))}"
    if spec.defaults.tags:
        yield f"the tags of 'defaults': {', '.join(sorted(spec.defaults.tags))}"
    yield f"the tag {PROTECTION_TAG}"
    yield "a recovery window and deletion protection as the spec has them"
