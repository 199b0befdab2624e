"""Policies made of statements, for tests."""

from secretgen.policy.parse import parse_policy

OWNER = "123456789012"
OTHER = "111111111111"
READER = f"arn:aws:iam::{OTHER}:role/secrets-reader"
SECRET = f"arn:aws:secretsmanager:us-east-1:{OWNER}:secret:prod/x-AbCdEf"
KEY = f"arn:aws:kms:us-east-1:{OWNER}:key/1a2b3c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d"
GET = "secretsmanager:GetSecretValue"


def document(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action, resource="*", principal=None, condition=None):
    return statement("Allow", action, resource, principal, condition)


def deny(action, resource="*", principal=None, condition=None):
    return statement("Deny", action, resource, principal, condition)


def statement(effect, action, resource, principal, condition):
    data = {"Effect": effect, "Action": action, "Resource": resource}
    if principal:
        data["Principal"] = principal
    if condition:
        data["Condition"] = condition
    return data


def identity(*statements):
    return parse_policy("identity policy", document(*statements), identity=True)


def attached(*statements):
    return parse_policy("resource policy", document(*statements))


def root(account):
    return {"AWS": f"arn:aws:iam::{account}:root"}
