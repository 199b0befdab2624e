"""The JSON policies of the roles that run Terraform on an environment."""

from __future__ import annotations

import json

from secretgen.model.environment import Environment
from secretgen.policy.deployment.deployment_roles import deployment_policies
from secretgen.policy.documents import Document


def policy_files(environment: Environment) -> dict[str, str]:
    """Renders the policies.

    Returns:
        Bodies by path in the folder of the environment.
    """
    return {
        f"iam/{name}.json": policy_text(document)
        for name, document in deployment_policies(environment).items()
    }


def policy_text(document: Document) -> str:
    """Writes a policy as JSON."""
    return json.dumps(document, indent=2) + "\n"
