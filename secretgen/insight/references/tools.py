"""The tools that references can be written for.

For AWS Lambda and Amazon ECS they are parts of the input of its API.
"""

from __future__ import annotations

from enum import StrEnum

from secretgen.insight.plain_text import to_json
from secretgen.insight.references.arns import SUFFIX
from secretgen.insight.references.kubernetes import external_secrets, secret_provider_classes
from secretgen.insight.references.reference_content import References, Wanted, environment_variables
from secretgen.model.secret import Source

_EXTENSION = "AWS-Parameters-and-Secrets-Lambda-Extension"
_LAYERS = (
    "https://docs.aws.amazon.com/systems-manager/latest/userguide/"
    "ps-integration-lambda-extensions.html"
)


def task_definition(wanted: Wanted) -> References:
    """Writes the parts of an ECS task definition that name secrets.

    ECS takes complete ARNs only. It reads the secrets with the execution role of the task.
    """
    references: list[tuple[tuple[str, ...], str]] = []
    whole = []
    for secret in wanted.secrets:
        arn = wanted.arns.arn(secret.name, wanted.region, complete=True)
        names = [field.name for field in secret.value.fields]
        if any(":" in name for name in names):
            whole.append(secret.name)
            names = []
        references += [
            ((secret.name, name), f"{arn}:{name}::") for name in names
        ] or [((secret.name,), arn)]  # fmt: skip
    variables = environment_variables(words for words, _ in references)
    return References(
        to_json({
            "executionRoleArn": wanted.reader.arn,
            "containerDefinitions": [
                {
                    "name": "app",
                    "secrets": [
                        {"name": variables[words], "valueFrom": arn} for words, arn in references
                    ],
                }
            ],
        }),
        (
            "Merge it into your task definition.",
            f"ECS reads secrets with the execution role: {wanted.reader.arn} also pulls the image.",
            *_trust(wanted, "ecs-tasks"),
            "A running task keeps the values that it started with.",
            *(f"{name} is passed as a whole: the name of a field has a colon." for name in whole),
            *wanted.left_out,
            *wanted.other_regions,
        ),
    )  # fmt: skip


def _trust(wanted: Wanted, service: str) -> tuple[str, ...]:
    """Notes that a role is not for a service."""
    if wanted.reader.trusts(service):
        return ()
    name = f"{service}.amazonaws.com"
    return (f"The role does not trust {name} yet: add it to `trust.service` in the spec.",)


def function_configuration(wanted: Wanted) -> References:
    """Writes the parts of a Lambda function's configuration that name secrets.

    The extension reads secrets for the function, and caches them for five minutes.
    """
    aws = wanted.reader.environment.aws
    variables = environment_variables((secret.name, "arn") for secret in wanted.secrets)
    return References(
        to_json({
            "Role": wanted.reader.arn,
            "Layers": [
                f"arn:{aws.partition}:lambda:{wanted.region}:<ACCOUNT>:layer:{_EXTENSION}:<VERSION>"
            ],
            "Environment": {
                "Variables": {
                    variables[secret.name, "arn"]: wanted.arns.arn(secret.name, wanted.region)
                    for secret in wanted.secrets
                }
            },
        }),
        (
            ("Merge it into the configuration of your function: an update replaces all variables "
             "and layers."),
            *_trust(wanted, "lambda"),
            f"<ACCOUNT> and <VERSION> of the extension in {wanted.region}: {_LAYERS}",
            *(
                f"{secret.name} is JSON with {', '.join(f.name for f in secret.value.fields)}."
                for secret in wanted.secrets
                if secret.value.source is Source.JSON
            ),
            *wanted.left_out,
            *wanted.other_regions,
        ),
    )  # fmt: skip


class Tool(StrEnum):
    """What reads the secrets for the application."""

    ESO = "eso"
    """External Secrets Operator."""
    CSI = "csi"
    """Secrets Store CSI driver."""
    ECS = "ecs"
    LAMBDA = "lambda"


_WRITERS = {
    Tool.ESO: external_secrets,
    Tool.CSI: secret_provider_classes,
    Tool.ECS: task_definition,
    Tool.LAMBDA: function_configuration,
}


def write_references(tool: Tool, wanted: Wanted) -> References:
    """Writes what a deployment needs to name its secrets."""
    written = _WRITERS[tool](wanted)
    if SUFFIX not in written.text:
        return written
    complete = (
        "The file of --outputs does not list every secret: write it again after the apply."
        if wanted.arns.complete
        else "For complete ARNs, add --outputs FILE with what `terraform output -json` prints."
    )
    note = f"{SUFFIX} stands for the six characters at the end of an ARN. {complete}"
    return References(written.text, (note, *written.notes))
