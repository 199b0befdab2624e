"""What the tools themselves accept: their schemas, and AWS's API models as botocore has them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import yaml
from botocore.validate import ParamValidator
from jsonschema import Draft202012Validator
from yaml import CSafeLoader

SCHEMAS = Path(__file__).parent / "schemas"
SESSION = botocore.session.get_session()
UNKNOWN = {"<ACCOUNT>": "123456789012", "<VERSION>": "7"}


def validator(name: str, definition: str = "") -> Draft202012Validator:
    schema = json.loads((SCHEMAS / f"{name}.json").read_text("utf-8"))
    return Draft202012Validator(
        {**schema["$defs"][definition], "$defs": schema["$defs"]} if definition else schema
    )


EXTERNAL_SECRETS = validator("external-secrets")
PROVIDER_CLASS = validator("secret-provider-class")
OBJECTS = validator("secret-provider-class", "objects")


def faults(tool: str, text: str) -> list[str]:
    """What the tool would refuse."""
    return list({"eso": _eso, "csi": _csi, "ecs": _ecs, "lambda": _lambda}[tool](text))


def _eso(text: str) -> Iterator[str]:
    documents = list(yaml.load_all(text, CSafeLoader))
    wrong = [e.message for d in documents for e in EXTERNAL_SECRETS.iter_errors(d)]
    yield from wrong
    if wrong:
        return
    yield from _twice((d["kind"], d["metadata"]["name"]) for d in documents)
    for document in documents[1:]:
        keys = [entry["secretKey"] for entry in document["spec"]["data"]]
        yield from _twice(iter(keys))
        yield from (f"{k} is no key" for k in keys if not re.fullmatch(r"[-._a-zA-Z0-9]{1,253}", k))


def _csi(text: str) -> Iterator[str]:
    documents = list(yaml.load_all(text, CSafeLoader))
    wrong = [e.message for d in documents for e in PROVIDER_CLASS.iter_errors(d)]
    yield from wrong
    if wrong:
        return
    for document in documents:
        yield from _objects(document["spec"]["parameters"])
    yield from _twice(d["metadata"]["name"] for d in documents)


def _objects(parameters: dict[str, str]) -> Iterator[str]:
    """The rules of the AWS provider about the text `objects`."""
    objects = yaml.safe_load(parameters["objects"])
    wrong = [e.message for e in OBJECTS.iter_errors(objects)]
    yield from wrong
    if wrong:
        return
    regions = [parameters.get("region"), parameters.get("failoverRegion")]
    for entry in objects:
        yield from _place(entry["objectName"], regions[0])
        if "failoverObject" in entry:
            if "objectAlias" not in entry:
                yield "an object with a failover needs an alias"
            yield from _place(entry["failoverObject"]["objectName"], regions[1])
        elif regions[1]:
            yield "the provider reads this object in the failover Region by an ARN of another"
    yield from _twice(entry["objectName"] for entry in objects)
    yield from _twice(
        alias
        for entry in objects
        for alias in [
            entry.get("objectAlias"),
            *(p["objectAlias"] for p in entry.get("jmesPath", ())),
        ]
    )


def _place(arn: str, region: str | None) -> Iterator[str]:
    if not re.match(rf"arn:[a-z-]+:secretsmanager:{region}:[0-9]{{12}}:secret:.", arn):
        yield f"{arn} is not in {region}"


def _ecs(text: str) -> Iterator[str]:
    yield from _refused("ecs", "RegisterTaskDefinition", {"family": "app", **json.loads(text)})


def _lambda(text: str) -> Iterator[str]:
    for placeholder, value in UNKNOWN.items():
        text = text.replace(placeholder, value)
    data = {"FunctionName": "app", **json.loads(text)}
    yield from _refused("lambda", "UpdateFunctionConfiguration", data)


def _refused(service: str, operation: str, data: Any) -> Iterator[str]:
    shape = SESSION.get_service_model(service).operation_model(operation).input_shape
    report = ParamValidator().validate(data, shape)
    if report.has_errors():
        yield report.generate_report()
        return
    yield from _patterns(data, shape)


def _patterns(data: Any, shape: Any) -> Iterator[str]:
    """botocore leaves patterns to AWS."""
    match shape.type_name:
        case "structure":
            for name, value in data.items():
                yield from _patterns(value, shape.members[name])
        case "list":
            for value in data:
                yield from _patterns(value, shape.member)
        case "map":
            for name, value in data.items():
                yield from _patterns(name, shape.key)
                yield from _patterns(value, shape.value)
        case "string":
            pattern = shape.metadata.get("pattern")
            if pattern and not re.fullmatch(pattern, data):
                yield f"{data} is not like {pattern}"


def _twice(names: Iterator[Any]) -> Iterator[str]:
    seen = set()
    for name in names:
        if name is not None and str(name) in seen:
            yield f"{name} twice"
        seen.add(str(name))


def parsed(tool: str, text: str) -> Any:
    """What a tool reads, with the objects of a SecretProviderClass in it."""
    if tool in ("ecs", "lambda"):
        return json.loads(text)
    documents = list(yaml.load_all(text, CSafeLoader))
    for document in documents if tool == "csi" else ():
        parameters = document["spec"]["parameters"]
        parameters["objects"] = yaml.safe_load(parameters["objects"])
    return documents


def written(tool: str, documents: Any) -> str:
    """The opposite of `parsed`."""
    if tool in ("ecs", "lambda"):
        return json.dumps(documents)
    for document in documents if tool == "csi" else ():
        spec = document.get("spec")
        parameters = spec.get("parameters") if isinstance(spec, dict) else None
        if isinstance(parameters, dict) and "objects" in parameters:
            parameters["objects"] = yaml.safe_dump(parameters["objects"])
    return yaml.safe_dump_all(documents)
