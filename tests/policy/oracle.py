"""Policies, callers and requests to compare the evaluator with another one.

The other one is `ministack.core.iam_evaluator` (MIT). It is no dependency of the tests: its
decisions on every case of `CASES` are recorded in `oracle_decisions.txt`. Where the package is
there (`pip install --no-deps ministack==1.5.33`), the tests ask it live as well.
"""

import itertools
from pathlib import Path

from tests.policy.statements import KEY, OTHER, OWNER, READER, SECRET

RECORDED = Path(__file__).with_name("oracle_decisions.txt")

OWN_ROLE = f"arn:aws:iam::{OWNER}:role/application"

PRINCIPALS = (
    "*",
    {"AWS": f"arn:aws:iam::{OTHER}:root"},
    {"AWS": f"arn:aws:iam::{OWNER}:root"},
    {"AWS": OTHER},
    {"AWS": [READER, OWN_ROLE]},
)
ACTIONS = (
    "*",
    "secretsmanager:*",
    ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
    "kms:Decrypt",
    ["kms:*", "secretsmanager:Get*"],
)
RESOURCES = (
    "*",
    f"arn:aws:secretsmanager:us-east-1:{OWNER}:secret:prod/x-??????",
    f"arn:aws:secretsmanager:*:{OWNER}:secret:*",
    f"arn:aws:kms:us-east-1:{OWNER}:key/*",
    [SECRET, KEY],
)
CONDITIONS = (
    {},
    {"ArnEquals": {"aws:PrincipalArn": READER}},
    {"ArnLike": {"aws:PrincipalArn": [f"arn:aws:iam::{OTHER}:role/*", OWN_ROLE]}},
    {"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{OTHER}:role/secrets-*"}},
    {"StringEquals": {"kms:ViaService": "secretsmanager.us-east-1.amazonaws.com"}},
    {"StringLike": {"kms:EncryptionContext:SecretARN": [SECRET[:-6] + "??????", "arn:x"]}},
    {"StringNotEquals": {"aws:PrincipalAccount": [OWNER], "aws:PrincipalOrgID": "o-abcde12345"}},
    {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-abcde12345"}},
    {"StringEqualsIfExists": {"kms:ViaService": "secretsmanager.us-west-2.amazonaws.com"}},
    {"StringNotLike": {"kms:ViaService": "secretsmanager.*"}},
    {"Bool": {"aws:SecureTransport": "false"}},
    {"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}},
    {
        "StringNotEquals": {"aws:PrincipalOrgID": "o-abcde12345"},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    },
)
CALLERS = ((OTHER, READER), (OTHER, f"arn:aws:iam::{OTHER}:role/other"), (OWNER, OWN_ROLE))
ORGANIZATIONS = ("", "o-abcde12345", "o-zyxwv98765")
ASKED = (
    ("secretsmanager:GetSecretValue", SECRET),
    ("secretsmanager:PutSecretValue", SECRET),
    ("kms:Decrypt", KEY),
)
CONTEXTS = (
    {},
    {
        "kms:viaservice": "secretsmanager.us-east-1.amazonaws.com",
        "kms:encryptioncontext:secretarn": SECRET,
    },
)

IDENTITY_STATEMENTS = tuple(
    {"Effect": effect, "Action": action, "Resource": resource, "Condition": condition}
    for effect, action, resource, condition in [
        ("Allow", ACTIONS[2], RESOURCES[1], CONDITIONS[0]),
        ("Allow", "kms:Decrypt", RESOURCES[3], {**CONDITIONS[4], **CONDITIONS[5]}),
        ("Allow", "*", "*", CONDITIONS[0]),
        ("Deny", "secretsmanager:*", RESOURCES[2], CONDITIONS[7]),
    ]
)


def _cases():
    """Every resource statement once, the rest in turn: some hundred cases, always the same."""
    statements = itertools.product(PRINCIPALS, ACTIONS, RESOURCES, CONDITIONS)
    around = zip(
        itertools.cycle(IDENTITY_STATEMENTS),
        itertools.cycle(ASKED * 5 + ASKED[:2]),
        itertools.cycle(CALLERS * 3 + CALLERS[:1]),
        itertools.cycle(ORGANIZATIONS * 2 + ORGANIZATIONS[1:2]),
        itertools.cycle(CONTEXTS * 5 + CONTEXTS[:1]),
    )
    for index, (principal, action, resource, condition) in enumerate(statements):
        identity, asked, caller, organization, context = next(around)
        yield {
            "identity": [identity],
            "resource": [
                {
                    "Effect": "Deny" if index % 4 == 3 else "Allow",
                    "Principal": principal,
                    "Action": action,
                    "Resource": resource,
                    "Condition": condition,
                }
            ],
            "asked": asked,
            "caller": caller,
            "organization": organization,
            "secure": index % 5 != 0,
            "context": context,
        }


CASES = list(_cases())


def ask(case):
    """Asks the other evaluator; answers `allow`, `deny` or `nothing`."""
    from ministack.core import iam_evaluator as other  # noqa: PLC0415

    account, arn = case["caller"]
    action, resource = case["asked"]
    keys = {"aws:principalisawsservice": "false", "aws:principalorgid": case["organization"]}
    context = other.EvalContext(
        principal_arn=arn,
        principal_type="Role",
        principal_account=account,
        action=action,
        resource_arn=resource,
        region="us-east-1",
        source_ip="192.0.2.1",
        secure_transport=case["secure"],
        service_context=dict(case["context"]),
        principal_keys={key: value for key, value in keys.items() if value},
    )
    identity = other.evaluate(
        context, [other.parse_policy_document({"Statement": case["identity"]})]
    )
    result = other.combine_resource_policy(
        identity, context, {"Statement": case["resource"]}, OWNER, required=action[:4] == "kms:"
    )
    return {"Allow": "allow", "Deny": "deny", "ImplicitDeny": "nothing"}[result.decision]


def record():
    """Writes the other evaluator's decisions, one letter a case."""
    letters = "".join(ask(case)[0] for case in CASES)
    lines = [letters[i : i + 100] for i in range(0, len(letters), 100)]
    RECORDED.write_text("\n".join(lines) + "\n", encoding="utf-8")


def recorded():
    """Reads them back."""
    words = {"a": "allow", "d": "deny", "n": "nothing"}
    return [words[c] for c in RECORDED.read_text(encoding="utf-8") if c != "\n"]
