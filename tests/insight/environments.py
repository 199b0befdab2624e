"""Environments to look at."""

from msgspec.structs import replace

from secretgen.spec.resolve import resolve
from secretgen.spec.schema import Spec

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:rotate"
PRODUCTION = {
    "version": "1",
    "environment": "production",
    "description": "Secrets of the production account",
    "aws": {"account_id": "123456789012", "region": "us-east-1"},
    "backend": {"bucket": "my-company-terraform-state", "dynamodb_table": "terraform-state-lock"},
    "accounts": {
        "app-primary": {"id": "111111111111"},
        "app-secondary": {"id": "222222222222"},
        "monitoring": {"id": "333333333333"},
        "partner": {"id": "444444444444", "role": "vendor/reader"},
    },
    "keys": {"database": {"description": "Database secrets"}},
    "tags": {"Environment": "production"},
    "defaults": {"recovery_window_days": "14", "tags": {"Team": "platform"}},
    "secrets": {
        "prod/database/master-password": {
            "description": "RDS master credentials",
            "group": "Database Secrets",
            "kms_key": "database",
            "readers": ["app-primary", "app-secondary"],
            "replicas": ["us-west-2"],
            "rotation": {
                "lambda_arn": "arn:aws:lambda:us-east-1:123456789012:function:rotate-postgres",
                "every_days": "30",
            },
            "tags": {"Criticality": "high"},
        },
        "prod/monitoring/datadog-api-key": {"group": "API Keys", "readers": ["monitoring"]},
        "prod/app/oauth-client-secret": {
            "group": "API Keys",
            "readers": ["app-primary", "app-secondary"],
        },
        "prod/service/api-gateway-key": {
            "group": "Service Account Keys",
            "readers": ["app-primary", "app-secondary", "partner"],
        },
    },
}


def spec(**changes):
    """The production spec with some of its top-level values replaced."""
    return Spec.model_validate({**PRODUCTION, **changes})


def environment(**changes):
    return resolve(spec(**changes))


def with_secret(name, **fields):
    """The production environment with fields of one secret replaced, or a secret added."""
    secrets = PRODUCTION["secrets"]
    return environment(secrets={**secrets, name: {**secrets.get(name, {}), **fields}})


def with_texts(name, **texts):
    """The production environment with any text at all in a secret, allowed in a spec or not."""
    env = environment()
    secrets = tuple(replace(s, **texts) if s.name == name else s for s in env.secrets)
    return replace(env, secrets=secrets)


ORGANIZATION = "o-abcde12345"


def in_organization(**changes):
    """The production environment in an organization, with a partner outside of it."""
    accounts = PRODUCTION["accounts"]
    partner = {**accounts["partner"], "in_organization": "false"}
    return environment(
        aws={**PRODUCTION["aws"], "organization_id": ORGANIZATION},
        accounts={**accounts, "partner": partner},
        **changes,
    )


GROUPS = ("API Keys", "Certificates", "Database Secrets", "Service Account Keys", "Third parties")
NAMES = ("client-secret", "signing-key", "master-password", "token", "license")


def many(count, accounts=4):
    """An environment with many secrets of all kinds, read from several accounts."""
    teams = {f"team-{n:02}": {"id": f"5555555{n:05}"} for n in range(accounts - 4)}
    readers = {**PRODUCTION["accounts"], **teams}
    return environment(
        accounts=readers,
        secrets={
            f"prod/{NAMES[n % 5]}-{n:03}": {
                "group": GROUPS[n % 5],
                "description": f"Secret number {n}",
                "readers": [name for i, name in enumerate(readers) if (n * 7 + i * 3) % 5 < 2],
                "kms_key": "database" if n % 5 == 2 else "dedicated",
                "replicas": ["us-west-2", "eu-central-1"][: n % 3] if n % 5 == 2 else [],
                **(
                    {"rotation": {"lambda_arn": FUNCTION, "every_days": "30"}} if n % 4 == 0 else {}
                ),
            }
            for n in range(count)
        },
    )
