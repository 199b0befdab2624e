"""AWS's own rotation functions, as applications of the Serverless Application Repository.

Names: Secrets Manager User Guide, "AWS Secrets Manager rotation function templates". Publishers,
and the name that the repository uses for Redshift: AWS CDK, `aws-secretsmanager`,
`secret-rotation.ts`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from secretgen.model.environment import Environment, Partition
from secretgen.model.names import secret_arn_pattern
from secretgen.model.secret import Secret

SUPERUSER_FIELD = "masterarn"
"""Field of a secret's JSON that names the superuser's secret, for two alternating users."""

_ENGINES = {
    "mariadb": "SecretsManagerRDSMariaDBRotation",
    "mongodb": "SecretsManagerMongoDBRotation",
    "mysql": "SecretsManagerRDSMySQLRotation",
    "oracle": "SecretsManagerRDSOracleRotation",
    "postgresql": "SecretsManagerRDSPostgreSQLRotation",
    "redshift": "SecretsManagerRedshiftRotation",
    "sqlserver": "SecretsManagerRDSSQLServerRotation",
}
_STRATEGIES = {"single-user": "SingleUser", "multi-user": "MultiUser"}


@dataclass(frozen=True, slots=True)
class _Publisher:
    """Who publishes the applications in a partition, and in which Region they are listed."""

    account_id: str
    region: str


_PUBLISHERS = {
    Partition.AWS: _Publisher("297356227824", "us-east-1"),
    Partition.GOVCLOUD: _Publisher("023102451235", "us-gov-west-1"),
    Partition.CHINA: _Publisher("193023089310", "cn-north-1"),
}


def applications() -> tuple[str, ...]:
    """Returns the names of all applications, as specs give them."""
    return tuple(f"{engine}-{strategy}" for engine in _ENGINES for strategy in _STRATEGIES)


def application_id(partition: Partition, application: str) -> str:
    """Returns the ARN of an application.

    Args:
        partition: where it is deployed.
        application: its name in the spec, such as `postgresql-single-user`.

    Raises:
        KeyError: there is no such application.
    """
    engine, strategy = application.split("-", 1)
    publisher = _PUBLISHERS[partition]
    return (
        f"arn:{partition}:serverlessrepo:{publisher.region}:{publisher.account_id}"
        f":applications/{_ENGINES[engine]}{_STRATEGIES[strategy]}"
    )


def superuser(environment: Environment, secret: Secret) -> Secret | str | None:
    """Finds whose credentials a function uses to alternate between two users.

    The JSON of the rotated secret names the superuser's: by ARN, or by name when it is in the same
    environment.

    Returns:
        The superuser's secret; its ARN when it is none of this environment; None when the spec does
        not tell, or one user is enough.
    """
    named = next((f.literal for f in secret.value.fields if f.name == SUPERUSER_FIELD), None)
    if named is None or not _alternates_users(secret):
        return None
    aws = environment.aws
    for other in environment.secrets:
        arn = secret_arn_pattern(aws.partition, aws.region, aws.account_id, other.name)
        if named == other.name or fnmatchcase(named, arn):
            return other
    return named if named.startswith("arn:") else None


def _alternates_users(secret: Secret) -> bool:
    application = secret.rotation.application if secret.rotation else None
    return application is not None and application.endswith("-multi-user")
