"""The calls of the AWS API that Terraform and secretgen made, as the local AWS recorded them."""

import base64
import json
import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import botocore.session  # type: ignore[import-untyped]
from botocore.model import OperationModel  # type: ignore[import-untyped]

_SIGNED = re.compile(r"Credential=[^/]+/\d+/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
_CALLERS = ("Terraform", "secretgen")


@dataclass(frozen=True)
class Call:
    """One call.

    Attributes:
        service: its signing name, which is the prefix of its actions in policies except for
            `monitoring` (CloudWatch).
        operation: such as `CreateSecret`.
        region: the Region that was called.
        parameters: the members of the request: names as the API model spells them, for REST
            APIs those of path and query string.
    """

    service: str
    operation: str
    region: str
    parameters: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        """`secretsmanager:CreateSecret`, as in a policy."""
        return f"{self.service}:{self.operation}"


def read_call(line: str) -> Call | None:
    """Reads a recorded request; None when neither Terraform nor secretgen made it."""
    request = json.loads(line)
    headers = request["headers"]
    signed = _SIGNED.search(headers.get("authorization", ""))
    agent = headers.get("user-agent", "")
    if signed is None or not any(caller in agent for caller in _CALLERS):
        return None
    service, region = signed["service"], signed["region"]
    body = base64.b64decode(request["body"])
    if target := headers.get("x-amz-target"):
        return Call(service, target.rpartition(".")[2], region, json.loads(body or b"{}"))
    form = dict(parse_qsl(body.decode("utf-8", "replace")))
    if "Action" in form:
        return Call(service, form.pop("Action"), region, form)
    url = urlsplit(request["url"])
    query = dict(parse_qsl(url.query, keep_blank_values=True))
    given = query.keys() | headers.keys()
    operation, parameters = _rest_operation(service, request["method"], unquote(url.path), given)
    return Call(service, operation, region, parameters | query)


def _rest_operation(
    service: str, method: str, path: str, given: AbstractSet[str]
) -> tuple[str, dict[str, str]]:
    """Finds the operation of a REST API that fits; of several, the one that needs most."""
    fitting = [
        (len(rest.needs), rest.name, match.groupdict())
        for rest in _rest_operations(service)
        if rest.method == method and (match := rest.path.fullmatch(path)) and rest.needs <= given
    ]
    if not fitting:
        raise LookupError(f"no operation of {service} for {method} {path} {sorted(given)}")
    _, name, parameters = max(fitting, key=lambda found: found[0])
    return name, parameters


@dataclass(frozen=True)
class _RestOperation:
    """How requests for an operation look: `needs` names parts of the query string and headers."""

    name: str
    method: str
    path: re.Pattern[str]
    needs: frozenset[str]


@cache
def _rest_operations(service: str) -> list[_RestOperation]:
    model = botocore.session.get_session().get_service_model(service)
    return [_rest(model.operation_model(name)) for name in model.operation_names]


def _rest(operation: OperationModel) -> _RestOperation:
    path, _, query = operation.http["requestUri"].partition("?")
    shape = operation.input_shape
    required = [shape.members[name] for name in shape.required_members] if shape else []
    needs = [
        member.serialization["name"].lower() if where == "header" else member.serialization["name"]
        for member in required
        if (where := member.serialization.get("location")) in ("header", "querystring")
    ]
    return _RestOperation(
        operation.name,
        operation.http["method"],
        re.compile("".join(_segments(path.rstrip("/"))) + "/?"),
        frozenset([*needs, *dict(parse_qsl(query, keep_blank_values=True))]),
    )


def _segments(path: str) -> Iterator[str]:
    for text in re.split(r"(\{[^}]+\})", path):
        name = text.strip("{}+")
        if text.startswith("{"):
            yield f"(?P<{name}>{'.+' if text.endswith('+}') else '[^/]+'})"
        else:
            yield re.escape(text)
