"""Rules about where Terraform keeps its state."""

from __future__ import annotations

import re

from secretgen.model.environment import Locking
from secretgen.rules.finding import Finding, Findings
from secretgen.rules.rule import ERROR, WARNING, rule
from secretgen.rules.rule_context import Context

_BACKEND = "https://developer.hashicorp.com/terraform/language/backend/s3"
_RESERVED_STARTS = ("xn--", "sthree-", "amzn-s3-demo-")
_RESERVED_ENDS = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
_ADDRESS = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){3}")


@rule(
    "SG217",
    ERROR,
    "Bucket name that S3 refuses",
    why="""
        Bucket names have 3 to 63 lower-case letters, digits, dots and hyphens, and begin and end
        with a letter or digit. They cannot contain two dots in a row, look like an IP address, or
        have a prefix or suffix that S3 reserves. Terraform does not check this.
    """,
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html",
    example="""
        -backend: { bucket: my-terraform-state-s3alias, locking: s3 }
        +backend: { bucket: my-terraform-state, locking: s3 }
    """,
)
def _bucket(context: Context) -> Findings:
    name = context.spec.backend.bucket
    problem = ""
    if ".." in name:
        problem = "has two dots in a row"
    elif _ADDRESS.fullmatch(name):
        problem = "looks like an IP address"
    elif name.startswith(_RESERVED_STARTS):
        problem = "begins with a prefix that S3 keeps for itself"
    elif name.endswith(_RESERVED_ENDS):
        problem = "ends in a suffix that S3 keeps for itself"
    if problem:
        yield Finding(("backend", "bucket"), f"bucket name {problem}", "Choose another name.")


@rule(
    "SG417",
    ERROR,
    "Missing lock table",
    why="""
        Unless `locking` is `s3`, a DynamoDB table holds the state lock. Without it, two Terraform
        runs could change the state at the same time.
    """,
    source=_BACKEND,
    example="""
        -backend: { bucket: my-terraform-state }
        +backend: { bucket: my-terraform-state, dynamodb_table: terraform-lock }
    """,
)
def _no_table(context: Context) -> Findings:
    backend = context.spec.backend
    needed = backend.locking is not Locking.S3 and context.knows("backend")
    if needed and not backend.dynamodb_table:
        yield Finding(
            ("backend",),
            "no 'dynamodb_table' for the lock",
            "Add 'dynamodb_table', or write 'locking: s3'.",
            at_key=True,
        )


@rule(
    "SG418",
    WARNING,
    "Lock table that is not used",
    why="With `locking: s3` the lock is a file next to the state, and the table is not used.",
    source=_BACKEND,
    example="""
        -backend: { bucket: my-terraform-state, locking: s3, dynamodb_table: terraform-lock }
        +backend: { bucket: my-terraform-state, locking: both, dynamodb_table: terraform-lock }
    """,
)
def _table_of_no_use(context: Context) -> Findings:
    backend = context.spec.backend
    if backend.locking is Locking.S3 and backend.dynamodb_table:
        yield Finding(
            ("backend", "dynamodb_table"),
            "the lock is in S3, and this table is not used",
            "Delete it, or write 'locking: both' while you move from one to the other.",
            at_key=True,
        )
