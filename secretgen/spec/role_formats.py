"""The forms of text about roles: their names, who assumes them, their tokens.

Each names the rule that text of another form breaks; the rule says where the limit comes from.
"""

from typing import Annotated

from secretgen.spec.aws_formats import ARN
from secretgen.spec.types import Format

RoleName = Annotated[
    str,
    Format(
        "SG226",
        "an IAM role name, with its path if it has one, no slash first: up to 64 letters, digits "
        "and _+=,.@-",
        pattern=r"([A-Za-z0-9_+=,.@-]+/){0,8}[A-Za-z0-9_+=,.@-]{1,64}",
        maximum=512,
        names_principal=True,
        letters="A-Za-z0-9_+=,.@/-",
        examples=("secrets-reader", "team/secrets-reader"),
    ),
]
ServicePrincipal = Annotated[
    str,
    Format(
        "SG227",
        "a service principal such as ec2.amazonaws.com",
        pattern=r"[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?",
        maximum=128,
        names_principal=True,
        letters="a-z0-9.-",
        examples=("ec2.amazonaws.com", "lambda.amazonaws.com", "ecs-tasks.amazonaws.com"),
    ),
]
RoleArn = Annotated[
    str,
    Format(
        "SG245",
        "the ARN of an IAM role",
        pattern=rf"{ARN}:iam::[0-9]{{12}}:role/([A-Za-z0-9_+=,.@-]+/){{0,8}}"
        r"[A-Za-z0-9_+=,.@-]{1,64}",
        maximum=600,
        names_principal=True,
        examples=("arn:aws:iam::999999999999:role/hub",),
    ),
]
PolicyArn = Annotated[
    str,
    Format(
        "SG245",
        "the ARN of an IAM managed policy",
        pattern=rf"{ARN}:iam::([0-9]{{12}}|aws):policy/([A-Za-z0-9_+=,.@-]+/){{0,8}}"
        r"[A-Za-z0-9_+=,.@-]{1,128}",
        maximum=700,
        examples=("arn:aws:iam::111111111111:policy/boundary",),
    ),
]
ExternalId = Annotated[
    str,
    Format(
        "SG246",
        "an external id: 2 to 1,224 letters, digits and _+=,.@:/-",
        pattern=r"[A-Za-z0-9_+=,.@:/-]+",
        minimum=2,
        maximum=1224,
        letters="A-Za-z0-9_+=,.@:/-",
        examples=("acme-7d2f",),
    ),
]
OidcProvider = Annotated[
    str,
    Format(
        "SG247",
        "the URL of an OIDC provider without https://",
        pattern=r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*",
        maximum=247,
        letters="A-Za-z0-9._~:/-",
        examples=(
            "token.actions.githubusercontent.com",
            "oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE",
        ),
    ),
]
# IAM replaces `${sub}` in a condition by the claim of the caller's own token, which always matches.
_CLAIM = r"(?:(?!\$\{)[!-~])+"
OidcSubject = Annotated[
    str,
    Format(
        "SG248",
        "the subject of a token: 1 to 255 characters, without spaces or `${`",
        pattern=_CLAIM,
        maximum=255,
        letters="!-~",
        examples=("repo:acme/app:ref:refs/heads/main", "system:serviceaccount:billing:worker"),
    ),
]
OidcAudience = Annotated[
    str,
    Format(
        "SG248",
        "the audience of a token: 1 to 255 characters, without spaces, wildcards or `${`",
        pattern=_CLAIM,
        maximum=255,
        names_principal=True,
        letters="!-~",
        examples=("sts.amazonaws.com",),
    ),
]
ClusterName = Annotated[
    str,
    Format(
        "SG250",
        "the name of an EKS cluster: 1 to 100 letters, digits, hyphens and underscores",
        pattern=r"[0-9A-Za-z][A-Za-z0-9_-]*",
        maximum=100,
        letters="A-Za-z0-9_-",
        examples=("main",),
    ),
]
KubernetesName = Annotated[
    str,
    Format(
        "SG250",
        "a Kubernetes name: 1 to 253 lower-case letters, digits, hyphens and dots",
        pattern=r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?",
        maximum=253,
        letters="a-z0-9.-",
        examples=("billing",),
    ),
]
