"""Secrets, keys, aliases and policies with terrascript.

python terrascript_json.py COUNT FOLDER
"""

import json
import sys
from pathlib import Path

import terrascript
import terrascript.provider
import terrascript.resource as aws


class aws_secretsmanager_secret_policy(terrascript.Resource):  # noqa: N801 -- its name is the type
    """The one resource that terrascript's old list does not have."""


count, folder = int(sys.argv[1]), Path(sys.argv[2])
config = terrascript.Terrascript()
config += terrascript.provider.aws(region="us-east-1")
for n in range(count):
    name = f"app/secret-{n}"
    config += aws.aws_kms_key(f"key-{n}", description=f"Secret {name}", deletion_window_in_days=30)
    config += aws.aws_kms_alias(
        f"alias-{n}",
        name=f"alias/bench/{name}",
        target_key_id=f"${{aws_kms_key.key-{n}.key_id}}",
    )
    config += aws.aws_secretsmanager_secret(
        f"secret-{n}", name=name, kms_key_id=f"${{aws_kms_key.key-{n}.arn}}"
    )
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::111111111111:role/secrets-reader"},
        "Action": ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"],
        "Resource": "*",
    }
    config += aws_secretsmanager_secret_policy(
        f"policy-{n}",
        secret_arn=f"${{aws_secretsmanager_secret.secret-{n}.arn}}",
        policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
folder.mkdir(exist_ok=True)
(folder / "main.tf.json").write_text(str(config), encoding="utf-8")
