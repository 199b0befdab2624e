"""Secrets, keys, aliases and policies with a CDK for Terraform.

python cdk.py (cdktn|cdktf) COUNT FOLDER
"""

import importlib
import json
import sys

cdk, count, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
aws = {"cdktn": "cdktn_provider_aws", "cdktf": "cdktf_cdktf_provider_aws"}[cdk]
core = importlib.import_module(cdk)


def binding(module: str, name: str) -> type:
    return getattr(importlib.import_module(f"{aws}.{module}"), name)


AwsProvider = binding("provider", "AwsProvider")
KmsKey = binding("kms_key", "KmsKey")
KmsAlias = binding("kms_alias", "KmsAlias")
Secret = binding("secretsmanager_secret", "SecretsmanagerSecret")
Policy = binding("secretsmanager_secret_policy", "SecretsmanagerSecretPolicy")

app = core.App(outdir=folder)
stack = core.TerraformStack(app, "bench")
AwsProvider(stack, "aws", region="us-east-1")
for n in range(count):
    name = f"app/secret-{n}"
    key = KmsKey(stack, f"key-{n}", description=f"Secret {name}", deletion_window_in_days=30)
    alias = f"alias/bench/{name}"
    KmsAlias(stack, f"alias-{n}", name=alias, target_key_id=key.key_id)
    secret = Secret(stack, f"secret-{n}", name=name, kms_key_id=key.arn)
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::111111111111:role/secrets-reader"},
        "Action": ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"],
        "Resource": "*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    Policy(stack, f"policy-{n}", secret_arn=secret.arn, policy=policy)
app.synth()
