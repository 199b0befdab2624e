"""What the role that plans needs to audit as well: `secretgen audit` in a scheduled workflow."""

from __future__ import annotations

from secretgen.model.environment import Environment
from secretgen.policy.deployment.scope import foreign_keys, key_pattern
from secretgen.policy.documents import Statement
from secretgen.policy.statements import allow

_MAX_NAMED = 10
"""Keys and secrets that are named one by one; of more, a pattern allows all of their account."""


def audit_statements(environment: Environment) -> list[Statement]:
    """Makes the statements: what an audit asks beyond what a plan does, and nothing with a value.

    Secrets of the spec are described by the policy `plan` already.
    """
    own = key_pattern(environment.aws)
    reading = "DescribeKey GetKeyPolicy GetKeyRotationStatus ListGrants ListResourceTags"
    statements = [
        allow("ListSecrets", "secretsmanager", "ListSecrets", "*"),
        allow("ListAliases", "kms", "ListAliases", "*"),
        allow("AuditKeys", "kms", reading, own),
    ]
    if keys := foreign_keys(environment):
        patterns = sorted({f"{key.partition(':key/')[0]}:key/*" for key in keys})
        named = keys if len(keys) <= _MAX_NAMED else patterns
        statements.append(allow("DescribeKeysOfOtherAccounts", "kms", "DescribeKey", named))
    return statements
