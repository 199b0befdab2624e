"""AWS's own rotation functions, as applications of the Serverless Application Repository.

Names: Secrets Manager User Guide, "AWS Secrets Manager rotation function templates". Publishers,
versions, and the name that the repository uses for Redshift: AWS CDK, `aws-secretsmanager`,
`secret-rotation.ts` (commit 0b89b3c328b7). Each release of secretgen takes over newer versions
from there: without one, an environment would keep the code and the runtime of its first apply.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

from msgspec import Struct

from secretgen.model.environment import Environment, Partition
from secretgen.model.names import secret_arn_pattern
from secretgen.model.secret import Secret

SUPERUSER_FIELD = "masterarn"
"""Field of a secret's JSON that names the superuser's secret, for two alternating users."""

PASSWORD_FIELD = "password"  # noqa: S105 -- a name
"""Field of a secret's JSON that the functions change."""

_ENGINES = {
    "db2": "SecretsManagerRDSDb2Rotation",
    "mariadb": "SecretsManagerRDSMariaDBRotation",
    "mongodb": "SecretsManagerMongoDBRotation",
    "mysql": "SecretsManagerRDSMySQLRotation",
    "oracle": "SecretsManagerRDSOracleRotation",
    "postgresql": "SecretsManagerRDSPostgreSQLRotation",
    "redshift": "SecretsManagerRedshiftRotation",
    "sqlserver": "SecretsManagerRDSSQLServerRotation",
}
_STRATEGIES = {"single-user": "SingleUser", "multi-user": "MultiUser"}


class _Publisher(Struct, frozen=True):
    """Who publishes the applications in a partition, and in which Region they are listed."""

    account_id: str
    region: str


_PUBLISHERS = {
    Partition.AWS: _Publisher("297356227824", "us-east-1"),
    Partition.GOVCLOUD: _Publisher("023102451235", "us-gov-west-1"),
    Partition.CHINA: _Publisher("193023089310", "cn-north-1"),
}


_VERSIONS = {
    "db2-multi-user": ("1.1.272", "1.1.197", "1.1.240"),
    "db2-single-user": ("1.1.271", "1.1.199", "1.1.242"),
    "mariadb-multi-user": ("1.1.670", "1.1.398", "1.1.441"),
    "mariadb-single-user": ("1.1.670", "1.1.399", "1.1.442"),
    "mongodb-multi-user": ("1.1.671", "1.1.398", "1.1.441"),
    "mongodb-single-user": ("1.1.671", "1.1.397", "1.1.440"),
    "mysql-multi-user": ("1.1.671", "1.1.397", "1.1.440"),
    "mysql-single-user": ("1.1.671", "1.1.397", "1.1.440"),
    "oracle-multi-user": ("1.1.671", "1.1.398", "1.1.441"),
    "oracle-single-user": ("1.1.671", "1.1.398", "1.1.441"),
    "postgresql-multi-user": ("1.1.671", "1.1.397", "1.1.440"),
    "postgresql-single-user": ("1.1.671", "1.1.397", "1.1.440"),
    "redshift-multi-user": ("1.1.671", "1.1.397", "1.1.440"),
    "redshift-single-user": ("1.1.671", "1.1.398", "1.1.441"),
    "sqlserver-multi-user": ("1.1.671", "1.1.398", "1.1.441"),
    "sqlserver-single-user": ("1.1.670", "1.1.398", "1.1.441"),
}
"""Version of each application, in the order of `_PUBLISHERS`."""

APPLICATIONS = tuple(_VERSIONS)
"""Names of the applications, sorted."""


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


def application_version(partition: Partition, application: str) -> str:
    """Returns the version of an application that is deployed.

    Args:
        partition: where it is deployed.
        application: its name in the spec.

    Raises:
        KeyError: there is no such application.
    """
    return _VERSIONS[application][list(_PUBLISHERS).index(partition)]


def superuser(environment: Environment, secret: Secret) -> Secret | str | None:
    """Finds whose credentials a function uses to alternate between two users.

    The JSON of the rotated secret names the superuser's by its ARN.

    Returns:
        The superuser's secret; its ARN when it is none of this environment; None when the spec does
        not tell, or one user is enough.
    """
    named = next((f.literal for f in secret.value.fields if f.name == SUPERUSER_FIELD), None)
    if not isinstance(named, str) or not _alternates_users(secret):
        return None
    aws = environment.aws
    for other in environment.secrets:
        arn = secret_arn_pattern(aws, other.name)
        if fnmatchcase(named, arn):
            return other
    return named or None


def _alternates_users(secret: Secret) -> bool:
    application = secret.rotation.application if secret.rotation else None
    return application is not None and application.endswith("-multi-user")
