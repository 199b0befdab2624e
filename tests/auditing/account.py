"""The account of an environment as AWS has it right after an apply, without any AWS."""

import json
from datetime import UTC, datetime
from typing import Any

from secretgen.access.policies import KeyPlace, key_in, regions_of
from secretgen.live.account import LiveAccount, LiveKey, LiveReplica, LiveRotation, LiveSecret
from secretgen.model.environment import Environment
from secretgen.model.names import PROTECTION_TAG, rotation_function_arn
from secretgen.model.secret import AWS_MANAGED, AWS_MANAGED_ALIAS, RotationSchedule, Secret, Source
from secretgen.policy.documents import key_policy, secret_policy


def applied(environment: Environment) -> LiveAccount:
    """Returns the account: every secret has a value, and was read and rotated just now."""
    aws = environment.aws
    secrets = [_secret(environment, secret) for secret in environment.secrets]
    for service in environment.service_secrets:
        rotation = _rotation(service.rotation, "")
        secrets.append(LiveSecret(service.arn, service.secret_name, rotation=rotation))
    keys = [_key(environment, place) for place in _places(environment)]
    keys += [LiveKey(arn, state="Enabled", manager="CUSTOMER") for arn in _kept(environment)]
    return LiveAccount(
        aws.account_id,
        aws.region,
        aws.partition,
        tuple(sorted(secrets, key=lambda s: s.name)),
        tuple(keys),
        is_asked=True,
        is_listed=True,
    )


def _kept(environment: Environment) -> set[str]:
    keys = {
        key_in(secret, region)
        for secret in environment.secrets
        for region in regions_of(environment, secret)
    }
    return {key for key in keys if isinstance(key, str) and key != AWS_MANAGED}


def _places(environment: Environment) -> list[KeyPlace]:
    return [
        KeyPlace(key.name, dedicated=key.dedicated, region=regional.region)
        for key in environment.keys
        for regional in key.regions
    ]


def _arn(environment: Environment, place: KeyPlace) -> str:
    aws = environment.aws
    number = _places(environment).index(place)
    return (
        f"arn:{aws.partition}:kms:{place.region}:{aws.account_id}"
        f":key/00000000-0000-4000-8000-{number:012}"
    )


def _key_name(environment: Environment, secret: Secret, region: str) -> str:
    key = key_in(secret, region)
    if isinstance(key, KeyPlace):
        return _arn(environment, key)
    return AWS_MANAGED_ALIAS if key == AWS_MANAGED else key


def _key(environment: Environment, place: KeyPlace) -> LiveKey:
    key = next(
        k for k in environment.keys if (k.name, k.dedicated) == (place.name, place.dedicated)
    )
    regional = next(r for r in key.regions if r.region == place.region)
    protected = "true" if key.deletion_protection else "false"
    return LiveKey(
        _arn(environment, place),
        (key.alias,),
        key.description,
        "Enabled",
        "CUSTOMER",
        origin="AWS_KMS",
        rotation_enabled=True,
        rotation_period_days=key.rotation_period_days,
        tags={**environment.tags, PROTECTION_TAG: protected},
        policy=key_policy(environment.aws, regional),
        grants=(),
    )


def _secret(environment: Environment, secret: Secret) -> LiveSecret:
    aws = environment.aws
    written = secret.value.source is not Source.EXTERNAL
    protected = {PROTECTION_TAG: "true"} if secret.deletion_protection else {}
    function = secret.rotation and (
        secret.rotation.lambda_arn or rotation_function_arn(environment, secret.name)
    )
    return LiveSecret(
        f"arn:{aws.partition}:secretsmanager:{aws.region}:{aws.account_id}"
        f":secret:{secret.name}-AbCdEf",
        secret.name,
        secret.description,
        _key_name(environment, secret, aws.region),
        _rotation(secret.rotation, function or "") if secret.rotation else None,
        tuple(
            LiveReplica(region, _key_name(environment, secret, region), "InSync")
            for region in regions_of(environment, secret)[1:]
        ),
        tags={**environment.tags, **secret.tags, **protected},
        policy=json.loads(json.dumps(secret_policy(environment, secret))),
        versions={"v1": ("AWSCURRENT", "terraform") if written else ("AWSCURRENT",)},
        created=datetime(2026, 11, 28, tzinfo=UTC),
    )


def _rotation(schedule: RotationSchedule, function: str) -> LiveRotation:
    return LiveRotation(
        enabled=True,
        lambda_arn=function,
        every_days=schedule.every_days,
        schedule=schedule.schedule or "",
        duration=schedule.duration or "",
    )


def answers(account: LiveAccount) -> str:
    """Writes an account as a dump of the AWS CLI's answers."""
    names = [{"ARN": secret.arn, "Name": secret.name} for secret in account.secrets]
    found: list[dict[str, Any]] = [{"SecretList": names}] if account.is_listed else []
    for secret in account.secrets:
        rotation = secret.rotation
        described: dict[str, Any] = {
            "ARN": secret.arn,
            "Name": secret.name,
            "Description": secret.description,
            "KmsKeyId": secret.kms_key,
            "ReplicationStatus": [
                {"Region": r.region, "KmsKeyId": r.kms_key, "Status": r.status}
                for r in secret.replicas
            ],
            "Tags": [{"Key": key, "Value": value} for key, value in secret.tags.items()],
            "VersionIdsToStages": dict(secret.versions),
            "CreatedDate": secret.created and secret.created.isoformat(),
            "LastAccessedDate": secret.last_accessed and secret.last_accessed.isoformat(),
        }
        if rotation:
            described |= {
                "RotationEnabled": rotation.enabled,
                "RotationLambdaARN": rotation.lambda_arn,
                "RotationRules": {
                    "AutomaticallyAfterDays": rotation.every_days,
                    "ScheduleExpression": rotation.schedule,
                    "Duration": rotation.duration,
                },
                "NextRotationDate": rotation.next_rotation and rotation.next_rotation.isoformat(),
                "LastRotatedDate": rotation.last_rotated and rotation.last_rotated.isoformat(),
            }
        policy = {"ResourcePolicy": json.dumps(secret.policy)} if secret.policy else {}
        found += [described, {"ARN": secret.arn, "Name": secret.name, **policy}]
    for key in account.keys:
        found.append(
            {
                "KeyMetadata": {
                    "Arn": key.arn,
                    "KeyId": key.id,
                    "KeyState": key.state,
                    "KeyManager": key.manager,
                    "Description": key.description,
                },
                "Policy": json.dumps(key.policy),
                "KeyRotationEnabled": key.rotation_enabled,
                "RotationPeriodInDays": key.rotation_period_days,
                "Tags": [{"TagKey": name, "TagValue": value} for name, value in key.tags.items()],
                "Grants": [],
            }
        )
        aliases = [{"AliasName": alias, "TargetKeyId": key.id} for alias in key.aliases]
        found.append({"Aliases": aliases})
    return json.dumps(found)
