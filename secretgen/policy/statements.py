"""Parts that several policies have in common."""

from __future__ import annotations

from typing import Any

from secretgen.model.environment import Aws
from secretgen.policy.documents import Document, Statement, account_root


def policy_document(statements: list[Statement]) -> Document:
    """Makes a policy of its statements."""
    return {"Version": "2012-10-17", "Statement": statements}


def account_administration(aws: Aws) -> dict[str, Any]:
    """Lets IAM policies of the account decide over a key; without it nobody could change it."""
    return {
        "Sid": "AllowAccountAdministration",
        "Effect": "Allow",
        "Principal": {"AWS": account_root(aws.partition, aws.account_id)},
        "Action": "kms:*",
        "Resource": "*",
    }
