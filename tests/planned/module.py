"""What is planned for the resources of the module, by the model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from secretgen.model.applications import application_id, application_version
from secretgen.model.environment import Aws, Environment, Key, RegionalKey
from secretgen.model.names import (
    key_modules,
    provider_alias,
    rotation_function_name,
    rotation_module,
    secret_module,
)
from secretgen.model.secret import AWS_MANAGED, AWS_MANAGED_ALIAS, DEDICATED, Secret
from secretgen.policy.documents import key_policy, secret_policy
from tests.planned.compare import PROVIDER, Attributes
from tests.planned.unset import UNKNOWN

_PROTECTED = "secretgen:protected"
_OF_SECRETS = "aws_secretsmanager_secret"
_STACK = "aws_serverlessapplicationrepository_cloudformation_stack"


@dataclass(frozen=True)
class Expected:
    """What is planned for one environment.

    Args:
        environment: the environment.
        reference: the value of a module's output, by the label of its block; in a first plan
            it is known after the apply.
    """

    environment: Environment
    reference: Callable[[str], Any] = lambda _: UNKNOWN

    def resources(self) -> Iterator[tuple[str, Attributes]]:
        """Yields all resources of the module."""
        for secret in self.environment.secrets:
            block = secret_module(secret.name)
            for kind, made in self._secret(secret):
                instance = "[0]" if kind == f"{_OF_SECRETS}_version" else ""
                yield f"module.{block}.{kind}.this{instance}", made
            if secret.rotation and secret.rotation.application:
                block = rotation_module(secret.name)
                yield f"module.{block}.{_STACK}.this", self._stack(secret)
        for key in self.environment.keys:
            for regional in key.regions:
                block = key_modules(key)[regional.region]
                is_far = regional.region != self.environment.aws.region
                where = {PROVIDER: provider_alias(regional.region)} if is_far else {}
                for kind, made in self._key(key, regional):
                    yield f"module.{block}.{kind}.this", {**made, **where}

    def _secret(self, secret: Secret) -> Iterator[tuple[str, Attributes]]:
        tags = dict(secret.tags) | ({_PROTECTED: "true"} if secret.deletion_protection else {})
        yield (
            _OF_SECRETS,
            {
                "name": secret.name,
                "description": secret.description or None,
                "kms_key_id": self._key_of(secret),
                "recovery_window_in_days": secret.recovery_window_days,
                "force_overwrite_replica_secret": secret.force_overwrite_replica
                and bool(secret.replicas),
                "replica": self._replicas(secret) or UNKNOWN,
                "tags": tags,
            },
        )
        if secret.manages_policy:
            yield (
                f"{_OF_SECRETS}_policy",
                {
                    "secret_arn": UNKNOWN,
                    "block_public_policy": True,
                    "policy": secret_policy(self.environment, secret),
                },
            )
        if secret.value.version is not None:
            yield (
                f"{_OF_SECRETS}_version",
                {
                    "secret_id": UNKNOWN,
                    "secret_string_wo_version": secret.value.version,
                    "version_stages": ["AWSCURRENT", "terraform"],
                },
            )
        if secret.rotation:
            rotation = secret.rotation
            function = self.reference(rotation_module(secret.name))
            yield f"{_OF_SECRETS}_rotation", {
                "secret_id": UNKNOWN,
                "rotation_lambda_arn": rotation.lambda_arn or function,
                "rotate_immediately": rotation.immediately,
                "rotation_rules": [{
                    "automatically_after_days": rotation.every_days,
                    "duration": rotation.duration,
                    "schedule_expression": rotation.schedule,
                }],
            }  # fmt: skip

    def _key_of(self, secret: Secret, region: str | None = None) -> Any:
        """The key of a secret in a Region; None for the primary one."""
        if secret.kms_key == AWS_MANAGED:
            return AWS_MANAGED_ALIAS
        if secret.kms_key.startswith("arn:"):
            return secret.kms_key
        is_dedicated = secret.kms_key == DEDICATED
        name = secret.name if is_dedicated else secret.kms_key
        keys = self.environment.keys
        key = next(k for k in keys if (k.dedicated, k.name) == (is_dedicated, name))
        return self.reference(key_modules(key)[region or self.environment.aws.region])

    def _replicas(self, secret: Secret) -> list[Attributes]:
        later = dict.fromkeys(("last_accessed_date", "status", "status_message"), UNKNOWN)
        return [
            {"region": r.region, "kms_key_id": r.kms_key or self._key_of(secret, r.region), **later}
            for r in secret.replicas
        ]

    def _key(self, key: Key, regional: RegionalKey) -> Iterator[tuple[str, Attributes]]:
        yield (
            "aws_kms_key",
            {
                "description": key.description,
                "deletion_window_in_days": key.deletion_window_days,
                "enable_key_rotation": True,
                "rotation_period_in_days": key.rotation_period_days,
                "policy": key_policy(self.environment.aws, regional),
                "tags": {_PROTECTED: str(key.deletion_protection).lower()},
            },
        )
        yield "aws_kms_alias", {"name": key.alias}

    def _stack(self, secret: Secret) -> Attributes:
        rotation, aws = secret.rotation, self.environment.aws
        assert rotation
        assert rotation.application
        parameters = self._parameters(secret, aws)
        return {
            "name": parameters["functionName"],
            "application_id": application_id(aws.partition, rotation.application),
            "semantic_version": application_version(aws.partition, rotation.application),
            "capabilities": ["CAPABILITY_IAM", "CAPABILITY_RESOURCE_POLICY"],
            # Which of them are null is not known before all are.
            "parameters": UNKNOWN
            if UNKNOWN in parameters.values()
            else {k: v for k, v in parameters.items() if v is not None},
        }

    def _parameters(self, secret: Secret, aws: Aws) -> dict[str, Any]:
        rotation = secret.rotation
        assert rotation
        suffix = "amazonaws.com.cn" if aws.partition == "aws-cn" else "amazonaws.com"
        superuser, superuser_key = self._superuser(secret)
        return {
            "endpoint": f"https://secretsmanager.{aws.region}.{suffix}",
            "functionName": rotation_function_name(self.environment.name, secret.name),
            "excludeCharacters": rotation.exclude_characters or None,
            "kmsKeyArn": self._made_key(secret),
            "masterSecretArn": superuser,
            "masterSecretKmsKeyArn": superuser_key,
            "vpcSubnetIds": rotation.vpc and ",".join(rotation.vpc.subnet_ids),
            "vpcSecurityGroupIds": rotation.vpc and ",".join(rotation.vpc.security_group_ids),
        }

    def _superuser(self, secret: Secret) -> tuple[Any, Any]:
        """The ARN of the superuser's secret, and of its key."""
        fields = {field.name: field.literal for field in secret.value.fields}
        arn = fields.get("masterarn")
        application = secret.rotation and secret.rotation.application
        if not (application and application.endswith("-multi-user") and isinstance(arn, str)):
            return None, None
        named = arn.split(":", 6)[-1][: -len("-AbCdEf")]
        for other in self.environment.secrets:
            if other.name == named:
                return self.reference(secret_module(other.name)), self._made_key(other)
        return arn or None, None

    def _made_key(self, secret: Secret) -> Any:
        """The key of a secret that is not AWS's own; None for that."""
        key = self._key_of(secret)
        return None if key == AWS_MANAGED_ALIAS else key
