"""What Terraform plans for the module's resources, attribute by attribute, by the model.

A new argument of a template: add it to the function of its resource type. A new resource type:
add a function, and its name to `TYPES`. An attribute that neither is given there nor stands in
`UNSET` is a difference: nothing that Terraform plans goes unseen.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from secretgen.model.applications import application_id, application_version
from secretgen.model.environment import Aws, Environment, Key, RegionalKey
from secretgen.model.names import (
    key_modules,
    rotation_function_name,
    rotation_module,
    secret_module,
)
from secretgen.model.secret import AWS_MANAGED, AWS_MANAGED_ALIAS, DEDICATED, Secret
from secretgen.policy.documents import key_policy, secret_policy

UNKNOWN = "(known after apply)"
Attributes = Mapping[str, Any]

_PROTECTED = "secretgen:protected"
_OF_SECRETS = "aws_secretsmanager_secret"
_STACK = "aws_serverlessapplicationrepository_cloudformation_stack"

UNSET: Mapping[str, Attributes] = {
    _OF_SECRETS: {"arn": UNKNOWN, "id": UNKNOWN, "name_prefix": UNKNOWN, "policy": UNKNOWN},
    f"{_OF_SECRETS}_policy": {"id": UNKNOWN},
    f"{_OF_SECRETS}_version": {
        "arn": UNKNOWN, "has_secret_string_wo": UNKNOWN, "id": UNKNOWN, "secret_binary": None,
        "secret_string": None, "secret_string_wo": None, "version_id": UNKNOWN,
    },
    f"{_OF_SECRETS}_rotation": {"id": UNKNOWN, "rotation_enabled": UNKNOWN},
    "aws_kms_key": {
        "arn": UNKNOWN, "bypass_policy_lockout_safety_check": False, "custom_key_store_id": None,
        "customer_master_key_spec": "SYMMETRIC_DEFAULT", "id": UNKNOWN, "is_enabled": True,
        "key_id": UNKNOWN, "key_usage": "ENCRYPT_DECRYPT", "multi_region": UNKNOWN,
        "timeouts": None, "xks_key_id": None,
    },
    "aws_kms_alias": {
        "arn": UNKNOWN, "id": UNKNOWN, "name_prefix": UNKNOWN, "target_key_arn": UNKNOWN,
    },
    _STACK: {"id": UNKNOWN, "outputs": UNKNOWN, "tags": None, "timeouts": None},
}  # fmt: skip
"""What the provider plans for attributes that no template sets."""

TYPES = frozenset(UNSET)


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

    def resources(self) -> dict[tuple[str, str], Attributes]:
        """All resources of the module: by the label of the module block and their type."""
        found = {}
        for secret in self.environment.secrets:
            block = secret_module(secret.name)
            found |= {(block, kind): made for kind, made in self._secret(secret)}
            if secret.rotation and secret.rotation.application:
                found[rotation_module(secret.name), _STACK] = self._stack(secret)
        for key in self.environment.keys:
            for regional in key.regions:
                block = key_modules(key)[regional.region]
                found |= {(block, kind): made for kind, made in self._key(key, regional)}
        return found

    def _secret(self, secret: Secret) -> Iterator[tuple[str, Attributes]]:
        tags = dict(secret.tags) | ({_PROTECTED: "true"} if secret.deletion_protection else {})
        yield (
            _OF_SECRETS,
            {
                "name": secret.name,
                "description": secret.description or None,
                "kms_key_id": self._key_of(secret),
                "recovery_window_in_days": secret.recovery_window_days,
                "force_overwrite_replica_secret": secret.force_overwrite_replica,
                "replica": self._replicas(secret) or UNKNOWN,
                **self._tags(tags),
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
                **self._tags({_PROTECTED: str(key.deletion_protection).lower()}),
            },
        )
        yield "aws_kms_alias", {"name": key.alias, "target_key_id": UNKNOWN}

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
            "parameters": {k: v for k, v in parameters.items() if v is not None},
            "tags_all": self._tags({})["tags_all"],
        }

    def _parameters(self, secret: Secret, aws: Aws) -> dict[str, Any]:
        rotation = secret.rotation
        assert rotation
        suffix = "amazonaws.com.cn" if aws.partition == "aws-cn" else "amazonaws.com"
        key = self._key_of(secret)
        superuser = self._superuser(secret)
        return {
            "endpoint": f"https://secretsmanager.{aws.region}.{suffix}",
            "functionName": rotation_function_name(self.environment.name, secret.name),
            "excludeCharacters": rotation.exclude_characters or None,
            "kmsKeyArn": None if key == AWS_MANAGED_ALIAS else key,
            "masterSecretArn": superuser and self.reference(secret_module(superuser.name)),
            "masterSecretKmsKeyArn": superuser and self._key_of(superuser),
            "vpcSubnetIds": rotation.vpc and ",".join(rotation.vpc.subnet_ids),
            "vpcSecurityGroupIds": rotation.vpc and ",".join(rotation.vpc.security_group_ids),
        }

    def _superuser(self, secret: Secret) -> Secret | None:
        arn = next((str(f.literal) for f in secret.value.fields if f.name == "masterarn"), "")
        named = arn.split(":", 6)[-1][: -len("-AbCdEf")]
        return next((s for s in self.environment.secrets if s.name == named), None)

    def _tags(self, tags: Mapping[str, str]) -> dict[str, Any]:
        everything = {**self.environment.tags, **tags}
        return {"tags": dict(tags) or None, "tags_all": everything or UNKNOWN}


def differences(kind: str, expected: Attributes, change: Mapping[str, Any]) -> Iterator[str]:
    """Compares what is planned for a resource with what is expected.

    Args:
        kind: its type.
        expected: the attributes that templates set.
        change: its `change` in the JSON of a plan.

    Yields:
        What differs, and each attribute that nothing is known of.
    """
    wanted = {**UNSET[kind], **expected}
    planned = _with_unknown(change["after"], change["after_unknown"])
    for name in sorted(planned.keys() | wanted.keys()):
        if name not in wanted:
            yield f"{name}: not known to tests/planned/attributes.py"
        elif name not in planned:
            yield f"{name}: not planned"
        elif (found := _comparable(planned[name])) != (right := _comparable(wanted[name])):
            yield f"{name}: {found!r} instead of {right!r}"


def _with_unknown(after: Any, unknown: Any) -> Any:
    """Puts what is known after the apply into what is planned."""
    if unknown is True:
        return UNKNOWN
    if isinstance(unknown, dict) and isinstance(after, dict):
        names = after.keys() | unknown.keys()
        return {n: _with_unknown(after.get(n), unknown.get(n, False)) for n in names}
    if isinstance(unknown, list) and isinstance(after, list) and unknown:
        rest = unknown + [False] * (len(after) - len(unknown))
        return [_with_unknown(a, u) for a, u in zip(after, rest, strict=True)]
    return after


def _comparable(value: Any) -> Any:
    """Reads JSON in text, and makes lists of one and orders of lists the same."""
    if isinstance(value, str) and value.startswith('{"'):
        value = json.loads(value)
    if isinstance(value, dict):
        return {name: _comparable(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        items = [_comparable(item) for item in value]
        if len(items) == 1 and isinstance(items[0], str):
            return items[0]
        return sorted(items, key=lambda item: json.dumps(item, sort_keys=True))
    return value


def compare(
    expected: Mapping[tuple[str, str], Attributes], changes: Iterable[Mapping[str, Any]]
) -> list[str]:
    """Compares the module's resources of one root module with what is expected.

    Args:
        expected: the attributes, by label of the module block and type.
        changes: the `resource_changes` in its module blocks, whose addresses begin with them.
    """
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for change in changes:
        found[change["module_address"].split(".")[-1], change["type"]] = change["change"]
    told = [f"{'.'.join(where)}: not expected" for where in found.keys() - expected.keys()]
    for where, attributes in expected.items():
        if where not in found:
            told.append(f"{'.'.join(where)}: not planned")
            continue
        told += [f"{'.'.join(where)}.{d}" for d in differences(where[1], attributes, found[where])]
    return sorted(told)
