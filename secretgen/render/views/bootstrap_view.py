"""View of the root module that makes the state bucket and the lock table."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from secretgen.hcl.encode import Expression, reference
from secretgen.model.environment import Environment
from secretgen.model.names import bootstrap_state_key, state_key_alias
from secretgen.policy.documents import Document
from secretgen.policy.state_policies import bucket_policy, own_key, state_key_policy, state_policy

_MAX_BUCKET_NAME = 63  # S3 User Guide, "General purpose bucket naming rules"


class BucketView(Struct, frozen=True):
    """The blocks of a bucket; `key` is None where a key of S3's own encrypts it."""

    label: str
    name: str
    key: Expression | str | None
    policy: Document
    is_log: bool


class BootstrapView(Struct, frozen=True):
    """The root module that makes the state bucket and the lock table.

    Args:
        environment: name of the environment.
        account_id: id of its account.
        region: Region of the state.
        tags: tags of everything.
        has_key: whether it makes a key: not where another one encrypts the state and there is no
            lock table.
        key_alias: alias of that key.
        key_description: its description.
        key_policy: its policy.
        buckets: the bucket for the state, and the one for the access logs of the first.
        state: the first.
        log: the second.
        table: name of the lock table; None for none.
        policy_name: name of the policy for the role that runs Terraform.
        policy_description: its description.
        policy: that policy.
        named_key: whether the spec names the key of the state.
        state_key: path of the environment's state in the bucket.
        own_state_key: path of the state of this root module.
    """

    environment: str
    account_id: str
    region: str
    tags: Mapping[str, str]
    has_key: bool
    key_alias: str
    key_description: str
    key_policy: Document
    buckets: tuple[BucketView, ...]
    state: BucketView
    log: BucketView
    table: str | None
    policy_name: str
    policy_description: str
    policy: Document
    named_key: bool
    state_key: str
    own_state_key: str


def bootstrap_view(environment: Environment) -> BootstrapView:
    """Makes the view of the root module for bucket and table."""
    aws, backend = environment.aws, environment.backend
    named_key = backend.kms_key_id != own_key(environment)
    log_name = _log_bucket(backend.bucket)
    state = BucketView(
        label="state",
        name=backend.bucket,
        key=backend.kms_key_id if named_key else reference("aws_kms_key", "state", "arn"),
        policy=bucket_policy(aws, backend.bucket),
        is_log=False,
    )
    log = BucketView(
        label="access_logs",
        name=log_name,
        key=None,
        policy=bucket_policy(aws, log_name, logs_of=backend.bucket),
        is_log=True,
    )
    return BootstrapView(
        environment=environment.name,
        account_id=aws.account_id,
        region=backend.region,
        tags=environment.tags,
        has_key=not named_key or backend.dynamodb_table is not None,
        key_alias=state_key_alias(environment.name),
        key_description=f"Terraform state of {environment.name}",
        key_policy=state_key_policy(aws),
        buckets=(state, log),
        state=state,
        log=log,
        table=backend.dynamodb_table,
        policy_name=f"{environment.name}-terraform-state",
        policy_description=f"Use of the Terraform state of the secrets of {environment.name}",
        policy=state_policy(environment),
        named_key=named_key,
        state_key=backend.key,
        own_state_key=bootstrap_state_key(environment.backend.key),
    )


def with_own_state(environment: Environment) -> Environment:
    """Returns an environment with the backend of its bootstrap: another path in its bucket."""
    return replace(
        environment,
        backend=replace(environment.backend, key=bootstrap_state_key(environment.backend.key)),
    )


def _log_bucket(bucket: str) -> str:
    name = f"{bucket}-access-logs"
    if len(name) <= _MAX_BUCKET_NAME:
        return name
    end = f"-{hashlib.sha256(bucket.encode()).hexdigest()[:8]}-access-logs"
    return bucket[: _MAX_BUCKET_NAME - len(end)].rstrip(".-") + end
