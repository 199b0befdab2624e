"""Which arguments decide over access: policies, trust, grants, attachments and keys."""

from __future__ import annotations

import re
from collections.abc import Iterable

_ARGUMENT = re.compile(
    r"(.*_)?(polic(y|ies)|principals?|roles?|users?|groups?|grants?|operations|acl|condition"
    r"|permissions_boundary|statement|target_id|endpoint|protocol)"
    r"|(.*_)?(polic(y|ies)|roles?|principals?|permission_set|users?|groups?)_(arns?|names?|ids?)"
    r"|.*policy.*|.*public.*|.*kms.*|.*encrypt.*|key_id|target_key_id|bypass_.*|force_overwrite_.*"
    r"|(secret|function|topic|resource|source|target|lambda|event_bus|instance)_(arn|id|name|account)"
    r"|rotation_lambda_arn|action|actions|principal_org_id|source_account|is_enabled|bucket|arn"
    r"|managed_policy_arns|inline_policy"
)
_TYPE = re.compile(
    r".*(polic|grant|attachment|permission|access|iam_|_iam|role|lambda|kms|secretsmanager|share"
    r"|association|ssoadmin|identitystore).*"
)


def decides_over_access(argument: str) -> bool:
    """Returns whether an argument of a resource decides over access."""
    return _ARGUMENT.fullmatch(argument) is not None


def gives_access(type_: str, arguments: Iterable[str]) -> bool:
    """Returns whether a resource of a type that is not rendered may open access.

    Args:
        type_: its type.
        arguments: what it sets.
    """
    return _TYPE.fullmatch(type_) is not None or any(map(decides_over_access, arguments))
