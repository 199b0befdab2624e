"""CloudFormation: secrets in stacks, which moto does not know."""

from typing import Any

from moto.core.common_models import CloudFormationModel
from moto.secretsmanager.models import secretsmanager_backends


class StackSecret(CloudFormationModel):
    """`AWS::SecretsManager::Secret`, with the tags that CloudFormation puts on what it creates."""

    def __init__(self, arn: str) -> None:
        self.physical_resource_id = arn

    @staticmethod
    def cloudformation_name_type() -> str:
        """The property with its name."""
        return "Name"

    @staticmethod
    def cloudformation_type() -> str:
        """Its type in templates."""
        return "AWS::SecretsManager::Secret"

    @classmethod
    def create_from_cloudformation_json(  # type: ignore[override]
        cls,
        resource_name: str,
        cloudformation_json: Any,
        account_id: str,
        region_name: str,
        **created: Any,
    ) -> "StackSecret":
        """Creates it with the stack."""
        properties = cloudformation_json["Properties"]
        backend = secretsmanager_backends[account_id][region_name]
        stack = created["StackId"]
        tags = {
            "aws:cloudformation:logical-id": created["LogicalId"],
            "aws:cloudformation:stack-id": stack,
            "aws:cloudformation:stack-name": stack.split("/")[1],
        }
        backend.create_secret(
            name=resource_name,
            secret_string=properties.get("SecretString"),
            secret_binary=None,
            description=properties.get("Description"),
            tags=[{"Key": key, "Value": value} for key, value in tags.items()],
            kms_key_id=None,
            client_request_token=None,
            replica_regions=[],
            force_overwrite=False,
        )
        return cls(backend.describe_secret(resource_name).arn)

    @classmethod
    def update_from_cloudformation_json(
        cls, original_resource: "StackSecret", *_: Any, **__: Any
    ) -> "StackSecret":
        """A policy about deletion changes nothing of it."""
        return original_resource

    @classmethod
    def delete_from_cloudformation_json(
        cls, resource_name: str, _json: Any, account_id: str, region_name: str
    ) -> None:
        """Deletes it with the stack, unless its policy is to retain it."""
        secretsmanager_backends[account_id][region_name].delete_secret(
            resource_name, None, force_delete_without_recovery=True
        )


REPLACEMENTS: tuple[tuple[type, str, Any], ...] = ()
"""moto finds the class by itself."""
