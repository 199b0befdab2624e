"""The `aws` command as documents use it: `aws SERVICE OPERATION …` in the folder of `commands`.

It knows options of the operation, `--region`, `--query`, `--output` as text or JSON, and
`wait`, and fails at anything else. Like the real one it calls where `AWS_ENDPOINT_URL` leads, reads
all pages of an answer, and prints text page by page.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]
import jmespath  # type: ignore[import-untyped]
from botocore import xform_name
from botocore.model import Shape  # type: ignore[import-untyped]

FILE = "file://"
# Services without Regions, and where they sign: the real command asks for none.
WITHOUT_REGION = {"iam": "us-east-1"}


def main(words: list[str]) -> None:
    """Make the call, and print what the query takes of its answer."""
    service, operation, *rest = words
    service = {"s3api": "s3"}.get(service, service)
    waits = operation == "wait"
    if waits:
        operation, *rest = rest
    options = dict(_options(rest))
    region, query = options.pop("region", [None])[0], options.pop("query", ["@"])[0]
    output = options.pop("output", ["json"])[0]
    client = boto3.client(service, region_name=region or WITHOUT_REGION.get(service))
    method = operation.replace("-", "_")
    if waits:
        waiter = client.get_waiter(method)
        called = waiter.config.operation
        waiter.wait(**_parameters(client, called, options))
        return
    called = client.meta.method_to_api_mapping[method]
    parameters = _parameters(client, called, options)
    for answer in _answers(client, method, parameters, whole=output != "text"):
        answer.pop("ResponseMetadata", None)
        found = jmespath.search(query, answer)
        text = _text(found) if output == "text" else json.dumps(found, default=str) + "\n"
        sys.stdout.write(text)


def _parameters(client: Any, called: str, options: dict[str, list[str]]) -> dict[str, Any]:
    shape = client.meta.service_model.operation_model(called).input_shape
    members = {xform_name(name, "-"): (name, of) for name, of in shape.members.items()}
    return {members[o][0]: _value(members[o][1], given) for o, given in options.items()}


def _answers(
    client: Any, method: str, parameters: dict[str, Any], *, whole: bool
) -> Iterator[dict[str, Any]]:
    """The answer, or its pages one by one unless they are wanted as a whole."""
    if not client.can_paginate(method):
        yield getattr(client, method)(**parameters)
        return
    pages = client.get_paginator(method).paginate(**parameters)
    if whole:
        yield pages.build_full_result()
    else:
        yield from pages


def _options(words: list[str]) -> Iterator[tuple[str, list[str]]]:
    """The options, each with its words: `--a=b`, `--a b c`, `--a`."""
    name, values = "", []
    for word in words:
        if word.startswith("--"):
            if name:
                yield name, values
            name, equals, value = word[2:].partition("=")
            values = [value] if equals else []
        else:
            values.append(word)
    if name:
        yield name, values


def _value(shape: Shape, words: list[str]) -> Any:
    if shape.type_name == "boolean" and not words:
        return True
    if shape.type_name == "list":
        return words
    (word,) = words
    if shape.type_name == "structure":
        return dict(field.split("=") for field in word.split(","))
    return Path(word.removeprefix(FILE)).read_text("utf-8") if word.startswith(FILE) else word


def _text(found: Any) -> str:
    items = found if isinstance(found, list) else [found]
    return "\t".join("None" if item is None else str(item) for item in items) + "\n"
