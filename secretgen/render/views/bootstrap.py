"""View of the root module that makes the state bucket and the lock table."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from secretgen.hcl.encode import Expression, reference
from secretgen.model.environment import Environment
from secretgen.model.names import bootstrap_state_key
from secretgen.policy.documents import Document
from secretgen.policy.state import bucket_policy, state_key_policy, state_policy

_MAX_BUCKET_NAME = 63  # S3 User Guide, "General purpose bucket naming rules"
_OWN_KEY = reference("aws_kms_key", "state", "arn")


@dataclass(frozen=True, slots=True)
class BucketView:
    """The blocks of a bucket."""

    label: str
    name: str
    key: Expression | str
    policy: Document
    is_log: bool


@dataclass(frozen=True, slots=True)
class BootstrapView:
    """The root module that makes the state bucket and the lock table."""

    environment: str
    account_id: str
    region: str
    tags: Mapping[str, str]
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
    log_name = _log_bucket(backend.bucket)
    state = BucketView(
        label="state",
        name=backend.bucket,
        key=backend.kms_key_id or _OWN_KEY,
        policy=bucket_policy(aws, backend.bucket),
        is_log=False,
    )
    log = BucketView(
        label="access_logs",
        name=log_name,
        key=_OWN_KEY,
        policy=bucket_policy(aws, log_name, logs_of=backend.bucket),
        is_log=True,
    )
    return BootstrapView(
        environment=environment.name,
        account_id=aws.account_id,
        region=backend.region,
        tags=environment.tags,
        key_alias=_key_alias(environment),
        key_description=f"Terraform state of {environment.name}",
        key_policy=state_key_policy(aws),
        buckets=(state, log),
        state=state,
        log=log,
        table=backend.dynamodb_table,
        policy_name=f"{environment.name}-terraform-state",
        policy_description=f"Use of the Terraform state of the secrets of {environment.name}",
        policy=state_policy(environment, _OWN_KEY),
        named_key=backend.kms_key_id is not None,
        state_key=backend.key,
        own_state_key=bootstrap_state_key(environment.backend.key),
    )


def with_own_state(environment: Environment) -> Environment:
    """Returns an environment whose backend is that of its bootstrap: the same bucket, another key.

    The bootstrap's state is always encrypted with the bucket's key: Terraform would ask S3 for
    its own encryption if no key were named.
    """
    backend = replace(
        environment.backend,
        key=bootstrap_state_key(environment.backend.key),
        kms_key_id=environment.backend.kms_key_id or _key_alias(environment),
    )
    return replace(environment, backend=backend)


def _key_alias(environment: Environment) -> str:
    return f"alias/{environment.name}-terraform-state"


def _log_bucket(bucket: str) -> str:
    name = f"{bucket}-access-logs"
    if len(name) <= _MAX_BUCKET_NAME:
        return name
    end = f"-{hashlib.sha256(bucket.encode()).hexdigest()[:8]}-access-logs"
    return bucket[: _MAX_BUCKET_NAME - len(end)].rstrip(".-") + end
