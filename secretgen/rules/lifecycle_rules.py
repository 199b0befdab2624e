"""Rules about the end of secrets."""

from __future__ import annotations

from secretgen.rules.finding import Findings
from secretgen.rules.rule import WARNING, rule
from secretgen.rules.rule_context import Context


@rule(
    "SG308",
    WARNING,
    "No recovery window in production",
    why="""
        With `recovery_window_days: 0` AWS deletes a secret immediately and permanently. The value
        is lost, and its readers fail. A window of seven days costs nothing.
    """,
    source="https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-secret.html",
    example="""
         environment: production
         secrets:
        -  app/key: { recovery_window_days: 0 }
        +  app/key: { recovery_window_days: 7 }
    """,
    ignorable=True,
)
def _no_window(context: Context) -> Findings:
    for secret in context.secrets:
        if context.is_production and secret.spec.recovery_window_days == 0:
            yield secret.finding(
                ("recovery_window_days",),
                "a deletion in production would be immediate and permanent",
                "Write 7 to 30 days.",
            )


@rule(
    "SG310",
    WARNING,
    "No deletion protection in production",
    why="""
        With `deletion_protection: false`, removing a secret from the spec destroys it and its key,
        and no rule reports it. To remove one secret, keep its protection on and allow the removal
        with an entry of `changes` (SG501).
    """,
    source="https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle#prevent_destroy",
    example="""
         environment: production
         secrets:
        -  app/key: { deletion_protection: false }
        +  app/key: { deletion_protection: true }
    """,
    ignorable=True,
)
def _unprotected(context: Context) -> Findings:
    for secret in context.secrets:
        if context.is_production and not secret.spec.deletion_protection:
            yield secret.finding(
                ("deletion_protection",),
                "Terraform may destroy this secret and its key in production",
                "Delete this line, unless the secret is to be removed.",
            )
