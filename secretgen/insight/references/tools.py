"""The tools that references can be written for."""

from __future__ import annotations

from enum import StrEnum

from secretgen.insight.references.arns import SUFFIX
from secretgen.insight.references.functions_and_tasks import function_configuration, task_definition
from secretgen.insight.references.kubernetes import external_secrets, secret_provider_classes
from secretgen.insight.references.reference_content import References, Wanted


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
