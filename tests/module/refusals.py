"""What each condition of the module's inputs refuses: for each, a value that no other refuses."""

from __future__ import annotations

from collections.abc import Mapping

_ROLE = "arn:aws:iam::111111111111:role"
_APPLICATION = "arn:aws:serverlessrepo:us-east-1:297356227824:applications/SecretsManagerX"
_LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function:rotate"
_KEY_ELSEWHERE = "arn:aws:kms:us-east-1:123456789012:key/1a2b3c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d"

_SECRET = {
    "name": ['"prod/pass word"'],
    "description": ['format("%2049s", "x")'],
    "kms_key_id": ['"alias/database"'],
    "readers": [f'["{_ROLE}/*"]'],
    "writers": [f'["{_ROLE}/*"]'],
    "exclusive_except": ['["x"]'],
    "organization": [
        '{ id = "x", exempt_account_ids = ["123456789012"] }',
        '{ id = "o-abcde12345", exempt_account_ids = [] }',
    ],
    "replicas": [
        '{ "Oregon" = "alias/aws/secretsmanager" }',
        f'{{ us-west-2 = "{_KEY_ELSEWHERE}" }}',
    ],
    "secret_string_version": ["null"],
    "recovery_window_in_days": ["3"],
}
_ROTATION = {
    "rotation": [
        f'{{ lambda_arn = "{_LAMBDA}" }}',
        f'{{ lambda_arn = "{_LAMBDA}", automatically_after_days = 1, duration = "25h" }}',
        '{ lambda_arn = "rotate", automatically_after_days = 1 }',
    ]
}
_GRANTS = [
    f'[{{ roles = ["{_ROLE}/*"], secrets = ["x"] }}]',
    f'[{{ roles = ["{_ROLE}/x"], secrets = [] }}]',
]
_VALUES: Mapping[str, Mapping[str, list[str]]] = {
    "": _SECRET | _ROTATION,
    "static/": _SECRET,
    "kms-key/": {
        "alias": ['"alias/a.b"', '"alias/aws/secretsmanager"'],
        "deletion_window_in_days": ["31"],
        "rotation_period_in_days": ["30"],
        "account_id": ['"1"'],
        "partition": ['"aws-iso"'],
        "readers": _GRANTS,
        "writers": _GRANTS,
    },
    "rotation-function/": {
        "name": ['"prod_db"'],
        "application_id": ['"arn:aws:serverlessrepo:us-east-1:111111111111:applications/other"'],
        "semantic_version": ['"latest"'],
        "partition": ['"aws-iso"'],
        "vpc": ['{ subnet_ids = [], security_group_ids = ["sg-0a1b2c3d"] }'],
    },
}
_GOOD: Mapping[str, Mapping[str, str]] = {
    "static/": {"name": '"x"', "secret_string": '"x"', "secret_string_version": "1"},
    "kms-key/": {
        "alias": '"alias/x"',
        "description": '"x"',
        "account_id": '"123456789012"',
        "region": '"us-east-1"',
    },
    "rotation-function/": {
        "name": '"x"',
        "application_id": f'"{_APPLICATION}"',
        "semantic_version": '"1.1.1"',
        "region": '"us-east-1"',
    },
}  # fmt: skip
GOOD_ROTATION = f'{{ lambda_arn = "{_LAMBDA}", automatically_after_days = 1 }}'

WITH_ANOTHER = ("secret_string_version",)
"""Inputs whose conditions look at another input as well."""

REFUSALS: Mapping[str, list[tuple[str, int]]] = {
    variant: [(name, i) for name, values in of.items() for i in range(len(values))]
    for variant, of in _VALUES.items()
}
"""By variant: the input, and which of its conditions refuses."""


def refused_call(number: int, variant: str, where: tuple[str, int]) -> str:
    """A module block with a value that one condition refuses.

    Args:
        number: the mutant that it calls.
        variant: what that is a mutant of.
        where: the input, and which of its conditions.
    """
    good = _GOOD[variant] if variant else _GOOD["static/"] | {"rotation": GOOD_ROTATION}
    name, index = where
    inputs = {**good, name: _VALUES[variant][name][index]}
    lines = "".join(f"  {key} = {value}\n" for key, value in inputs.items())
    return f'module "m{number}__x" {{\n  source = "./m{number}"\n{lines}}}\n'
