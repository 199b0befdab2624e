"""What of an environment reaches AWS: settings that have nothing to work on are left out."""

from __future__ import annotations

from dataclasses import replace

from secretgen.model.environment import Account, Environment, Monitoring
from secretgen.model.secret import Secret


def effective(environment: Environment) -> Environment:
    """Returns an environment that deploys the same and says no more than can be deployed.

    A spec may say what has no effect: that an account is outside of an organization when none
    is named, or that failed rotations raise an alarm when nothing rotates. Terraform holds no
    trace of it, so what is read back can only be compared with the rest.
    """
    monitoring = environment.monitoring
    return replace(
        environment,
        accounts=tuple(_account(account, environment) for account in environment.accounts),
        secrets=tuple(map(_secret, environment.secrets)),
        monitoring=monitoring and _monitoring(monitoring, environment),
    )


def _account(account: Account, environment: Environment) -> Account:
    """Exemptions from the organization deny go by id; the environment's own is always exempt."""
    aws = environment.aws
    exempt = {a.id for a in environment.accounts if not a.in_organization} - {aws.account_id}
    outside = aws.organization_id is not None and account.id in exempt
    return replace(account, in_organization=not outside)


def _secret(secret: Secret) -> Secret:
    """Without a replica nothing is overwritten."""
    if secret.force_overwrite_replica and not secret.replicas:
        return replace(secret, force_overwrite_replica=False)
    return secret


def _monitoring(monitoring: Monitoring, environment: Environment) -> Monitoring:
    reads_log = monitoring.unauthorized_access or monitoring.kms_anomalies
    rotates = any(secret.rotation for secret in environment.secrets)
    return replace(
        monitoring,
        rotation_failures=monitoring.rotation_failures and rotates,
        cloudtrail_log_group=monitoring.cloudtrail_log_group if reads_log else None,
    )
