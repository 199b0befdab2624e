"""Every way to widen a policy by hand, one statement at a time."""

import copy
from collections.abc import Iterator

OTHER_ACCOUNT = "555555555555"
ROOT = f"arn:aws:iam::{OTHER_ACCOUNT}:root"
EXTRA = {
    "secretsmanager": [
        "secretsmanager:GetSecretValue",
        "secretsmanager:PutSecretValue",
        "secretsmanager:PutResourcePolicy",
    ],
    "kms": ["kms:Encrypt", "kms:CreateGrant", "kms:GenerateDataKey"],
}


def as_list(value):
    return list(value) if isinstance(value, list) else [value]


def widened(document) -> Iterator[tuple[str, dict]]:
    """Yields documents that grant more than the given one, each with what was done to it."""
    for index, statement in enumerate(document["Statement"]):
        ways = _allow if statement["Effect"] == "Allow" else _deny
        for what, changed in ways(statement):
            copied = copy.deepcopy(document)
            copied["Statement"][index : index + 1] = [changed] if changed else []
            yield f"{statement.get('Sid', index)}: {what}", copied
    service = as_list(document["Statement"][-1]["Action"])[0].split(":")[0]
    is_identity = all("Principal" not in s for s in document["Statement"])
    extra = {"Effect": "Allow", "Action": f"{service}:*", "Resource": "*"}
    principal = {} if is_identity else {"Principal": {"AWS": ROOT}}
    yield "another statement", {"Statement": [*document["Statement"], {**extra, **principal}]}


def _changed(statement, **elements):
    return {**copy.deepcopy(statement), **elements}


def _allow(statement):
    yield from _principals(statement)
    if statement.get("Sid") == "AllowAccountAdministration":
        return
    service = as_list(statement["Action"])[0].split(":")[0]
    extra = [action for action in EXTRA[service] if action not in statement["Action"]]
    for action in [f"{service}:*", "*", f"{service}:*e*", *extra]:
        yield f"action {action}", _changed(statement, Action=action)
        yield (
            f"one more action {action}",
            _changed(statement, Action=[*as_list(statement["Action"]), action]),
        )
    if "Principal" not in statement:
        yield from _resources(statement)
    yield from _conditions(statement)


def _principals(statement):
    if "Principal" not in statement:
        return
    now = as_list(statement["Principal"]["AWS"])
    for principal in [
        "*",
        {"AWS": "*"},
        {"AWS": [*now, ROOT]},
        {"AWS": [*now, OTHER_ACCOUNT]},
        {"AWS": [*now, f"arn:aws:iam::{OTHER_ACCOUNT}:role/secrets-reader"]},
        {"AWS": now, "Service": "lambda.amazonaws.com"},
    ]:
        yield f"principal {principal}", _changed(statement, Principal=principal)


def _resources(statement):
    for resource in as_list(statement["Resource"]):
        parts = resource.split(":")
        for wider in [
            "*",
            ":".join(parts[:3]),
            ":".join([*parts[:3], "*", *parts[4:]]),
            ":".join([*parts[:4], "*", *parts[5:]]),
            ":".join([*parts[:4], OTHER_ACCOUNT, *parts[5:]]),
            resource.replace("??????", "*"),
            resource.replace("prod/", "*/"),
            resource.replace("-??????", "-other-??????"),
        ]:
            if wider != resource:
                yield (
                    f"resource {wider}",
                    _changed(statement, Resource=[*as_list(statement["Resource"]), wider]),
                )


def _conditions(statement):
    conditions = statement.get("Condition", {})
    if conditions:
        yield "no condition", {k: v for k, v in statement.items() if k != "Condition"}
    for operator, keys in conditions.items():
        rest = {o: k for o, k in conditions.items() if o != operator}
        yield f"no {operator}", _changed(statement, Condition=rest)
        yield (
            f"{operator}IfExists",
            _changed(statement, Condition={**rest, f"{operator}IfExists": keys}),
        )
        negated = operator.replace("Equals", "NotEquals").replace("Like", "NotLike")
        yield negated, _changed(statement, Condition={**rest, negated: keys})
        for key, values in keys.items():
            for wider in _wider(key, as_list(values)):
                like = operator.replace("StringEquals", "StringLike")
                yield (
                    f"{key} {wider}",
                    _changed(statement, Condition={**rest, like: {**keys, key: wider}}),
                )


def _wider(key, values):
    first = values[0]
    yield "*:*:*:*:*:*" if key == "aws:PrincipalArn" else "*"
    if key == "aws:PrincipalArn":
        account = first.split(":")[4]
        yield first.rsplit("/", 1)[0] + "/*"
        # With the same name it would be no wider: the principals name the accounts.
        yield first.replace(account, "*") + "?"
        yield first.replace(account, "?" * 12)
        yield [*values, first.replace(account, OTHER_ACCOUNT)]
        yield [*values, first + "-admin"]
    else:
        yield [*values, first.replace("us-east-1", "*").replace("us-west-2", "*")]
        yield [*values, first.replace("us-east-1", "eu-west-1").replace("us-west-2", "eu-west-1")]
        yield [*values, first.replace("secretsmanager", "s3")]
    if "??????" in first:
        yield first.replace("??????", "*")
        yield [*values, first.replace("-??????", "-other-??????")]


def _deny(statement):
    yield "removed", None
    yield "turned into an Allow", _changed(statement, Effect="Allow")
    yield "other action", _changed(statement, Action="secretsmanager:GetSecretValue")
    yield "other principal", _changed(statement, Principal={"AWS": ROOT})
    yield (
        "other resource",
        _changed(
            statement, Resource="arn:aws:secretsmanager:us-east-1:123456789012:secret:other-??????"
        ),
    )
    conditions = statement["Condition"]
    exception = "arn:aws:iam::111111111111:role/break-glass"
    yield (
        "exception",
        _changed(
            statement, Condition={**conditions, "ArnNotLike": {"aws:PrincipalArn": exception}}
        ),
    )
    if "aws:SecureTransport" in conditions.get("Bool", {}):
        own = {"aws:PrincipalAccount": "123456789012"}
        yield "own account", _changed(statement, Condition={**conditions, "StringNotLike": own})
    for operator, keys in conditions.items():
        rest = {o: k for o, k in conditions.items() if o != operator}
        if operator.startswith("Bool"):
            opposite = dict.fromkeys(keys, "true")
            yield (
                f"opposite {operator}",
                _changed(statement, Condition={**rest, operator: opposite}),
            )
            continue
        for key, values in keys.items():
            others = [OTHER_ACCOUNT, "1" * 12]
            if key == "aws:PrincipalOrgID":
                others = ["o-zyxwv98765"]
            if key == "aws:PrincipalArn":
                others = [f"arn:aws:iam::123456789012:role/{name}" for name in ("admin", "*")]
            for other in others:
                for wider in ([other], [*as_list(values), other]):
                    yield (
                        f"{key} {wider}",
                        _changed(statement, Condition={**rest, operator: {**keys, key: wider}}),
                    )
