"""What of an environment reaches AWS: settings that have nothing to work on are left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from msgspec.structs import replace

from secretgen.model.address import Address
from secretgen.model.changes import Changes, Destroy, Forget, Import, Kind, Move, Subject, key_part
from secretgen.model.environment import Account, Environment, Monitoring
from secretgen.model.names import label, name_of, service_secret_rotation
from secretgen.model.notifications import environment_notifications
from secretgen.model.secret import Secret

_Entry = TypeVar("_Entry", Move, Forget, Import)


def effective(environment: Environment) -> Environment:
    """Returns an environment that deploys the same and says no more than can be deployed.

    A spec may say what has no effect: that an account is outside of an organization when none
    is named, or that failed rotations raise an alarm when nothing rotates. Terraform holds no
    trace of it, so what is read back can only be compared with the rest.
    """
    monitoring = environment.monitoring
    notified = {name for n in environment_notifications(environment) for name in n.secrets}
    return replace(
        environment,
        accounts=_accounts(environment),
        secrets=tuple(
            _secret(secret, is_notified=secret.name in notified) for secret in environment.secrets
        ),
        monitoring=monitoring and _monitoring(monitoring, environment),
        changes=_changes(environment),
    )


def _accounts(environment: Environment) -> tuple[Account, ...]:
    found = (a for account in environment.accounts for a in _account(account, environment))
    return tuple(sorted(found, key=lambda account: account.name))


def _account(account: Account, environment: Environment) -> Iterator[Account]:
    """Yields an account as far as it is deployed: without the roles of permission sets.

    Exemptions from the organization deny go by id; the environment's own is always exempt.
    """
    aws = environment.aws
    exempt = {a.id for a in environment.accounts if not a.in_organization} - {aws.account_id}
    outside = aws.organization_id is not None and account.id in exempt
    if account.deployed_roles:
        yield replace(account, in_organization=not outside, roles=account.deployed_roles)
    elif outside:
        yield Account(account.id, account.id, in_organization=False, roles=())


def _secret(secret: Secret, *, is_notified: bool) -> Secret:
    """Without a replica nothing is overwritten; only a managed policy names permission sets.

    An event about a new value needs an account that gets it.
    """
    if secret.notify_readers and not is_notified:
        secret = replace(secret, notify_readers=False)
    if secret.force_overwrite_replica and not secret.replicas:
        secret = replace(secret, force_overwrite_replica=False)
    if not secret.manages_policy:
        readers, writers = (
            tuple(role for role in roles if not role.permission_set)
            for roles in (secret.readers, secret.writers)
        )
        secret = replace(secret, readers=readers, writers=writers)
    return secret


def _monitoring(monitoring: Monitoring, environment: Environment) -> Monitoring:
    reads_log = monitoring.unauthorized_access or monitoring.kms_anomalies
    rotates = {secret.rotation is not None for secret in environment.secrets}
    return replace(
        monitoring,
        rotation_failures=monitoring.rotation_failures
        and (True in rotates or bool(environment.service_secrets)),
        rotation_successes=monitoring.rotation_successes and True in rotates,
        writes=monitoring.writes and any(s.expects_no_write for s in environment.secrets),
        cloudtrail_log_group=monitoring.cloudtrail_log_group if reads_log else None,
    )


def _changes(environment: Environment) -> Changes:
    """Returns the changes as Terraform gets them: of `destroys`, the Regions still needed."""
    changes = environment.changes
    known = {
        Kind.SECRETS: {secret.name for secret in environment.secrets},
        Kind.KEYS: {key.name for key in environment.keys if not key.dedicated},
    }

    def readable(thing: Subject) -> Subject:
        """Returns a subject as it can be read from HCL: one that has left, by its label."""
        if thing.name in known.get(thing.kind, ()):
            return thing
        written = label(thing.name)
        return replace(thing, name=name_of(written) or written)

    def source(thing: Subject | Address) -> Subject | Address:
        return readable(thing) if isinstance(thing, Subject) else thing

    def forgotten(thing: Subject | Address) -> Subject | Address:
        if isinstance(thing, Address):
            return thing.without_instances
        is_rotation = thing.kind is Kind.SERVICE_SECRETS
        return Address(service_secret_rotation(thing.name)) if is_rotation else readable(thing)

    left = sorted(set(environment.other_regions) - set(environment.replica_regions))
    forgets = {Forget(forgotten(forget.what)) for forget in changes.forgets}
    forgets |= {Forget(readable(part)) for part in forgotten_key_parts(environment)}
    return Changes(
        moves=_sorted(Move(source(move.source), readable(move.to)) for move in changes.moves),
        forgets=_sorted(forgets),
        destroys=tuple(Destroy(Subject(Kind.REGIONS, region)) for region in left),
        imports=_sorted(replace(entry, to=readable(entry.to)) for entry in changes.imports),
    )


def _sorted(entries: Iterable[_Entry]) -> tuple[_Entry, ...]:
    return tuple(sorted(entries, key=lambda entry: entry.name))


def forgotten_key_parts(environment: Environment) -> tuple[Subject, ...]:
    """Lists the parts of shared keys that leave the state and stay in AWS.

    The spec no longer has a forgotten secret, nor which key encrypts it. So while it forgets one,
    no shared key is destroyed in a replica Region that it leaves, unless an entry destroys that
    part by name. A key that moves counts under its names before as well.

    Returns:
        Subjects such as `keys.database.replicas.us-west-2`, sorted. Some may never have existed.
    """
    changes = environment.changes
    whats = (forget.what for forget in changes.forgets)
    if not any(isinstance(w, Subject) and w.kind is Kind.SECRETS and not w.part for w in whats):
        return ()
    now = {key.name: key for key in environment.keys if not key.dedicated}
    names = {name: name for name in now}
    for move in changes.moves:
        if isinstance(move.source, Subject) and move.source.kind is Kind.KEYS:
            end = changes.moved_to(move.source)
            if end and end.kind is Kind.KEYS and end.name in now:
                names[move.source.name] = end.name
    destroyed = {destroy.what for destroy in changes.destroys}
    parts = {
        key_part(name, region)
        for name, end in names.items()
        for region in set(environment.other_regions) - {r.region for r in now[end].regions}
    }
    return tuple(sorted(parts - destroyed, key=str))
