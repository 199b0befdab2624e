"""Answers as published: in the API's own examples and in the examples of the AWS CLI."""

import gzip
import json
from pathlib import Path
from typing import Any

import botocore  # type: ignore[import-untyped]

POLICY = {
    "Version": "2012-10-17",
    "Statement": [{
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::111122223333:role/reader"},
        "Action": "secretsmanager:GetSecretValue",
        "Resource": "*",
    }],
}  # fmt: skip


def _model(service: str, name: str) -> dict[str, Any]:
    folder = Path(botocore.__file__).parent / "data" / service
    (file,) = folder.glob(f"*/{name}.json*")
    data = file.read_bytes()
    found: dict[str, Any] = json.loads(gzip.decompress(data) if file.suffix == ".gz" else data)
    return found


def _api_examples() -> list[Any]:
    examples = _model("secretsmanager", "examples-1")["examples"]
    return [e["output"] for name in ("DescribeSecret", "ListSecrets") for e in examples[name]]


API_EXAMPLES = _api_examples()
"""Of the API model that botocore carries: dates are numbers, and once a number as text."""

# aws-cli, awscli/examples/secretsmanager/describe-secret.rst
CLI_DESCRIBED = {
    "ARN": "arn:aws:secretsmanager:us-west-2:123456789012:secret:MyTestSecret-Ca8JGt",
    "Name": "MyTestSecret",
    "Description": "My test secret",
    "KmsKeyId": "arn:aws:kms:us-west-2:123456789012:key/EXAMPLE1-90ab-cdef-fedc-ba987EXAMPLE",
    "RotationEnabled": True,
    "RotationLambdaARN": "arn:aws:lambda:us-west-2:123456789012:function:MyTestRotationLambda",
    "RotationRules": {
        "AutomaticallyAfterDays": 2,
        "Duration": "2h",
        "ScheduleExpression": "cron(0 16 1,15 * ? *)",
    },
    "LastRotatedDate": 1525747253.72,
    "LastChangedDate": 1523477145.729,
    "LastAccessedDate": 1524572133.25,
    "Tags": [
        {"Key": "SecondTag", "Value": "AnotherValue"},
        {"Key": "FirstTag", "Value": "SomeValue"},
    ],
    "VersionIdsToStages": {
        "a1b2c3d4-5678-90ab-cdef-EXAMPLE11111": ["AWSPREVIOUS"],
        "a1b2c3d4-5678-90ab-cdef-EXAMPLE22222": ["AWSCURRENT"],
        "a1b2c3d4-5678-90ab-cdef-EXAMPLE33333": ["AWSPENDING"],
    },
    "CreatedDate": 1521534252.66,
    "PrimaryRegion": "us-west-2",
    "ReplicationStatus": [
        {
            "Region": "eu-west-3",
            "KmsKeyId": "alias/aws/secretsmanager",
            "Status": "InSync",
            "StatusMessage": "Replication succeeded",
        }
    ],
}

# aws-cli, awscli/examples/secretsmanager/list-secrets.rst
CLI_LISTED = {
    "SecretList": [
        {
            "ARN": "arn:aws:secretsmanager:us-west-2:123456789012:secret:MyTestSecret-a1b2c3",
            "Name": "MyTestSecret",
            "LastChangedDate": 1523477145.729,
            "SecretVersionsToStages": {"a1b2c3d4-5678-90ab-cdef-EXAMPLE11111": ["AWSCURRENT"]},
        },
        {
            "ARN": "arn:aws:secretsmanager:us-west-2:123456789012:secret:AnotherSecret-d4e5f6",
            "Name": "AnotherSecret",
            "LastChangedDate": 1523482025.685,
            "SecretVersionsToStages": {"a1b2c3d4-5678-90ab-cdef-EXAMPLE22222": ["AWSCURRENT"]},
        },
        {
            "Name": "rds!cluster-a1b2c3d4-5678-90ab-cdef-EXAMPLE11111",
            "Tags": [
                {
                    "Value": "arn:aws:rds:us-west-2:123456789012:cluster:database-1",
                    "Key": "aws:rds:primaryDBClusterArn",
                },
                {"Value": "rds", "Key": "aws:secretsmanager:owningService"},
            ],
            "RotationRules": {"AutomaticallyAfterDays": 1},
            "LastChangedDate": 1673477781.275,
            "LastRotatedDate": 1673477781.26,
            "SecretVersionsToStages": {
                "a1b2c3d4-5678-90ab-cdef-EXAMPLEbbbbb": ["AWSCURRENT", "AWSPENDING"]
            },
            "OwningService": "rds",
            "RotationEnabled": True,
            "CreatedDate": 1673467300.7,
            "LastAccessedDate": 1673395200.0,
            "ARN": "arn:aws:secretsmanager:us-west-2:123456789012:secret:rds!cluster-a1b2c3d4-5678"
            "-90ab-cdef-EXAMPLE11111-a1b2c3",
        },
    ]
}

METADATA = {
    "RequestId": "a1b2c3d4",
    "HTTPStatusCode": 200,
    "HTTPHeaders": {"content-type": "application/x-amz-json-1.1"},
    "RetryAttempts": 0,
}
"""What boto3 adds to an answer."""

READ_CALLS = [
    *(
        ("secretsmanager", name)
        for name in ("DescribeSecret", "ListSecrets", "GetResourcePolicy", "ListSecretVersionIds")
    ),
    *(
        ("kms", name)
        for name in (
            "DescribeKey", "ListKeys", "ListAliases", "GetKeyPolicy", "ListKeyPolicies",
            "GetKeyRotationStatus", "ListKeyRotations", "ListResourceTags", "ListGrants",
        )
    ),
]  # fmt: skip


def documented_answer(service: str, operation: str) -> dict[str, Any]:
    """Returns an answer with every field that the model of the API has."""
    model = _model(service, "service-2")
    answer: dict[str, Any] = _sample(model, model["operations"][operation]["output"]["shape"], "")
    return answer


def _sample(model: dict[str, Any], name: str, field: str) -> Any:
    shape = model["shapes"][name]
    kind = shape["type"]
    if kind == "structure":
        return {k: _sample(model, v["shape"], k) for k, v in shape["members"].items()}
    if kind == "list":
        return [_sample(model, shape["member"]["shape"], field)]
    if kind == "map":
        return {"any": _sample(model, shape["value"]["shape"], field)}
    texts = {
        "ARN": "arn:aws:secretsmanager:us-west-2:123456789012:secret:a-a1b2c3",
        "Arn": "arn:aws:kms:us-west-2:123456789012:key/1a2b",
        "Policy": json.dumps(POLICY),
        "ResourcePolicy": json.dumps(POLICY),
    }
    others = {"boolean": False, "long": 1, "integer": 1, "timestamp": "2026-01-01T00:00:00Z"}
    return others.get(kind, texts.get(field, "some text"))
