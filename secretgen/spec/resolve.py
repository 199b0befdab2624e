"""From the spec to the environment: defaults, references, derived names, canonical order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from secretgen.model.applications import PASSWORD_FIELD
from secretgen.model.environment import (
    Account,
    Aws,
    Backend,
    Environment,
    Key,
    KeyGrant,
    Locking,
    Monitoring,
    Notify,
    RegionalKey,
    Role,
    SecretInRegion,
)
from secretgen.model.names import key_alias, reader_arns, state_key_alias, state_key_arn
from secretgen.model.secret import (
    AWS_MANAGED,
    DEDICATED,
    Exclusive,
    Field,
    Password,
    Reader,
    Replica,
    Rotation,
    RotationSchedule,
    Secret,
    ServiceSecret,
    Source,
    Value,
    Vpc,
    plain_fields,
)
from secretgen.spec.account_schema import AccountSpec
from secretgen.spec.resolve_changes import resolve_changes, resolve_ignores
from secretgen.spec.resolve_roles import resolve_role
from secretgen.spec.schema import KeySpec, MonitoringSpec, Spec
from secretgen.spec.secret_schema import (
    PasswordOptions,
    ReaderSpec,
    ReplicaSpec,
    RotationSpec,
    ScheduleSpec,
    SecretSpec,
    ValueSpec,
)


def with_defaults(secret: SecretSpec, defaults: SecretSpec) -> SecretSpec:
    """Fills in what a secret leaves open; its own values win, and tags are merged."""
    inherited = {
        name: getattr(defaults, name)
        for name in defaults.model_fields_set - secret.model_fields_set
    }
    if "tags" in defaults.model_fields_set:
        inherited["tags"] = {**defaults.tags, **secret.tags}
    return secret.model_copy(update=inherited) if inherited else secret


def resolve(spec: Spec) -> Environment:
    """Resolves a spec.

    Args:
        spec: one that has passed the rules. References that lead nowhere are left out, so
            that rules may look at the environment of a spec that has not.

    Returns:
        The environment, in canonical order.
    """
    merged = {name: with_defaults(s, spec.defaults) for name, s in sorted(spec.secrets.items())}
    secrets = tuple(_secret(name, s, spec.accounts) for name, s in merged.items())
    return Environment(
        name=spec.environment,
        description=spec.description,
        aws=Aws(spec.aws.account_id, spec.aws.region, spec.aws.partition, spec.aws.organization_id),
        backend=_backend(spec),
        accounts=_accounts(spec, secrets),
        keys=_keys(spec, secrets),
        secrets=secrets,
        service_secrets=tuple(
            ServiceSecret(name, s.arn, RotationSchedule(**_schedule(s.rotation)))
            for name, s in sorted(spec.service_secrets.items())
        ),
        monitoring=_monitoring(spec.monitoring) if spec.monitoring else None,
        tags=dict(sorted(spec.tags.items())),
        changes=resolve_changes(spec.changes, spec.aws.region),
        ignores=resolve_ignores(spec.ignore),
    )


def _backend(spec: Spec) -> Backend:
    aws, backend = spec.aws, spec.backend
    region = backend.region or aws.region
    own_key = state_key_arn(aws.partition, region, aws.account_id, spec.environment)
    is_own = backend.bootstrap and backend.kms_key_id in {None, state_key_alias(spec.environment)}
    locks_in_table = backend.locking is not Locking.S3
    return Backend(
        bucket=backend.bucket,
        key=backend.key or f"{spec.environment}/secrets/terraform.tfstate",
        region=region,
        locking=backend.locking,
        dynamodb_table=backend.dynamodb_table if locks_in_table else None,
        kms_key_id=own_key if is_own else backend.kms_key_id,
        bootstrap=backend.bootstrap,
    )


def _monitoring(monitoring: MonitoringSpec) -> Monitoring:
    return Monitoring(
        notify=Notify(
            email=tuple(sorted(set(monitoring.notify.email))),
            sns_topic_arn=monitoring.notify.sns_topic_arn,
        ),
        **{name: value for name, value in monitoring if name != "notify"},
    )


def _secret(name: str, spec: SecretSpec, accounts: Mapping[str, AccountSpec]) -> Secret:
    value = _value(spec.value)
    return Secret(
        **plain_fields(spec),
        name=name,
        group=spec.group,
        kms_key=spec.kms_key,
        value=value,
        readers=_named_roles(spec.readers, accounts),
        writers=_named_roles(spec.writers, accounts),
        exclusive=Exclusive(tuple(sorted(set(spec.exclusive.except_)))) if spec.exclusive else None,
        policy=spec.policy,
        notify_readers=spec.notify_readers,
        replicas=tuple(
            sorted((_replica(r, spec.kms_key) for r in spec.replicas), key=lambda r: r.region)
        ),
        rotation=_rotation(spec.rotation, value) if spec.rotation else None,
        deletion_protection=spec.deletion_protection,
        tags=dict(sorted(spec.tags.items())),
    )


def _replica(spec: ReplicaSpec, kms_key: str) -> Replica:
    is_same = spec.kms_key == kms_key == AWS_MANAGED
    return Replica(spec.region, None if is_same else spec.kms_key)


def _named_roles(
    named: Iterable[ReaderSpec], accounts: Mapping[str, AccountSpec]
) -> tuple[Reader, ...]:
    found = {
        Reader(account.id, role, account.settings_of(role).permission_set, r.account)
        for r in named
        if (account := accounts.get(r.account))
        for role in [r.role or account.role]
    }
    return tuple(sorted(found, key=lambda r: (r.account_id, r.role)))


def _password(options: PasswordOptions) -> Password:
    given = {
        name: value
        for name in PasswordOptions.model_fields
        if (value := getattr(options, name)) is not None
    }
    return Password(**given)


def _value(spec: ValueSpec) -> Value:
    source = Source(spec.from_)
    if source is Source.EXTERNAL:
        return Value()
    fields = tuple(
        Field(name=name, source=Source.LITERAL, literal="" if f.literal is None else f.literal)
        if f.from_ is None
        else Field(
            name=name,
            source=Source(f.from_),
            password=_password(f) if f.from_ == "generated" else None,
        )
        for name, f in sorted(spec.fields.items())
    )
    return Value(
        source=source,
        version=spec.version or 1,
        password=_password(spec) if source is Source.GENERATED else None,
        fields=fields if source is Source.JSON else (),
    )


def _schedule(spec: ScheduleSpec) -> dict[str, Any]:
    return {name: getattr(spec, name) for name in ScheduleSpec.model_fields}


def _rotation(spec: RotationSpec, value: Value) -> Rotation:
    passwords = [f.password for f in value.fields if f.name == PASSWORD_FIELD and f.password]
    excluded = passwords[0].exclude_characters if spec.application and passwords else ""
    return Rotation(
        **_schedule(spec),
        lambda_arn=spec.lambda_arn,
        application=spec.application,
        exclude_characters=spec.exclude_characters or excluded,
        vpc=Vpc(
            tuple(sorted(set(spec.vpc.subnet_ids))), tuple(sorted(set(spec.vpc.security_group_ids)))
        )
        if spec.vpc
        else None,
    )


def _accounts(spec: Spec, secrets: Iterable[Secret]) -> tuple[Account, ...]:
    reads: dict[tuple[str, str], set[SecretInRegion]] = defaultdict(set)
    writes: dict[tuple[str, str], set[str]] = defaultdict(set)
    for secret in secrets:
        regions = (spec.aws.region, *(r.region for r in secret.replicas))
        for reader in secret.readers:
            reads[reader.account, reader.role].update(
                SecretInRegion(secret.name, region) for region in regions
            )
        for writer in secret.writers:
            writes[writer.account, writer.role].add(secret.name)
    roles: dict[str, list[Role]] = defaultdict(list)
    for account, role in sorted({*reads, *writes}):
        read = sorted(reads[account, role], key=lambda r: (r.secret, r.region))
        roles[account].append(Role(role, tuple(read), tuple(sorted(writes[account, role]))))
    return tuple(
        Account(
            name=name,
            id=spec.accounts[name].id,
            in_organization=spec.accounts[name].in_organization,
            roles=tuple(resolve_role(spec.accounts[name], role) for role in of_account),
        )
        for name, of_account in sorted(roles.items())
    )


def _keys(spec: Spec, secrets: tuple[Secret, ...]) -> tuple[Key, ...]:
    users: dict[str, list[Secret]] = {name: [] for name in sorted(spec.keys)}
    for secret in secrets:
        if secret.kms_key in users:
            users[secret.kms_key].append(secret)
    return (
        *(_key(spec, name, spec.keys[name], of_key) for name, of_key in users.items()),
        *(_key(spec, s.name, None, [s]) for s in secrets if s.kms_key == DEDICATED),
    )


def _key(spec: Spec, name: str, shared: KeySpec | None, users: list[Secret]) -> Key:
    """Makes a key of what the spec describes of it and of the secrets that it encrypts."""
    settings = shared or KeySpec()
    dedicated = shared is None
    replicas = sorted({r.region for s in users for r in s.replicas if r.kms_key is None})
    return Key(
        name=name,
        dedicated=dedicated,
        alias=key_alias(spec.environment, name, dedicated=dedicated),
        description=settings.description or (f"Secret {name}" if dedicated else f"Secrets: {name}"),
        deletion_window_days=settings.deletion_window_days,
        rotation_period_days=settings.rotation_period_days,
        deletion_protection=not users or any(s.deletion_protection for s in users),
        regions=(
            RegionalKey(
                spec.aws.region,
                _grants(spec, {s.name: s.readers for s in users}),
                _grants(spec, {s.name: s.writers for s in users}),
            ),
            *(
                RegionalKey(
                    region,
                    _grants(
                        spec, {s.name: s.readers for s in users if s.has_own_replica_key(region)}
                    ),
                )
                for region in replicas
            ),
        ),
    )


def _grants(spec: Spec, roles: Mapping[str, tuple[Reader, ...]]) -> tuple[KeyGrant, ...]:
    """Lists who may use a key for what: `roles` are those of each secret."""
    grants: dict[str, list[str]] = defaultdict(list)
    for secret, of_secret in roles.items():
        for role in of_secret:
            for arn in reader_arns(spec.aws.partition, role):
                grants[arn].append(secret)
    return tuple(KeyGrant(arn, tuple(names)) for arn, names in sorted(grants.items()))
