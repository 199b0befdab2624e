"""References for Kubernetes: External Secrets Operator and the Secrets Store CSI driver."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from secretgen.insight.plain_text import printable
from secretgen.insight.references.reference_content import (
    Reader,
    References,
    Wanted,
    field_keys,
    kubernetes_names,
)
from secretgen.model.secret import Field, Secret, Source

_GJSON_SYNTAX = re.compile(r"([\\.*?|#@!{}\[\]():=<>%\"])")
_JMESPATH_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def external_secrets(wanted: Wanted) -> References:
    """Writes a SecretStore, and an ExternalSecret for each secret.

    External Secrets Operator makes a Kubernetes Secret of each: a key `value` with the whole
    value, or a key for each field of a value whose fields the spec names.
    """
    store = _name(wanted.reader.environment.name, wanted.region)
    names = kubernetes_names((s.name,) for s in wanted.secrets)
    assumed, hint = _assumed(wanted.reader)
    documents: list[Mapping[str, Any]] = [
        {
            "apiVersion": "external-secrets.io/v1",
            "kind": "SecretStore",
            "metadata": {"name": store},
            "spec": {
                "provider": {
                    "aws": {"service": "SecretsManager", "region": wanted.region, **assumed}
                }
            },
        }
    ]
    for secret in wanted.secrets:
        name = names[secret.name,]
        documents.append({
            "apiVersion": "external-secrets.io/v1",
            "kind": "ExternalSecret",
            "metadata": {"name": name},
            "spec": {
                "refreshInterval": "1h0m0s",
                "secretStoreRef": {"kind": "SecretStore", "name": store},
                "target": {"name": name},
                "data": _external_data(secret, wanted.arns.arn(secret.name, wanted.region)),
            },
        })  # fmt: skip
    return References(
        _documents(documents),
        (
            hint,
            *wanted.left_out,
            *wanted.other_regions,
        ),
    )


def _assumed(reader: Reader) -> tuple[dict[str, Any], str]:
    """Returns how the operator gets the credentials of a role, and what that takes."""
    trust = reader.role.trust
    if reader.pods:
        return {}, (
            "The operator reads with its own service account: associate that one with"
            f" {reader.arn}. EKS Pod Identity serves no other account of a pod."
        )
    if trust and trust.roles:
        external = {"externalID": trust.external_id} if trust.external_id else {}
        return {"role": reader.arn, **external}, (
            f"The operator's role assumes {reader.arn}: it must be one of {', '.join(trust.roles)}."
        )
    name = reader.service_account[1] if reader.service_account else _name(reader.role.name)
    return {"auth": {"jwt": {"serviceAccountRef": {"name": name}}}}, _annotation(reader, name)


def _annotation(reader: Reader, name: str) -> str:
    """Returns what the service account of a pod takes to assume a role."""
    text = f"Annotate the service account {name} with eks.amazonaws.com/role-arn: {reader.arn}."
    if reader.service_account:
        return f"{text} It is in the namespace {reader.service_account[0]}, as the trust says."
    if reader.role.trust is None or reader.role.trust.oidc:
        return f"{text} The trust policy of the role must name it."
    return f"{text} The role does not trust it yet: give it `trust: {{ oidc: ... }}` in the spec."


def _external_data(secret: Secret, arn: str) -> list[dict[str, Any]]:
    if secret.value.source is not Source.JSON:
        return [{"secretKey": "value", "remoteRef": {"key": arn}}]
    keys = field_keys(secret.value.fields)
    return [
        {
            "secretKey": keys[field.name],
            "remoteRef": {"key": arn, "property": _GJSON_SYNTAX.sub(r"\\\1", field.name)},
        }
        for field in secret.value.fields
    ]


def secret_provider_classes(wanted: Wanted) -> References:
    """Writes SecretProviderClasses for the AWS provider, one for each Region to fail over to.

    The provider reads each secret from both Regions of its class, so that a secret without a
    replica has a class without a second Region.
    """
    groups: dict[str | None, list[Secret]] = {}
    for secret in wanted.secrets:
        groups.setdefault(wanted.failover(secret), []).append(secret)
    files = kubernetes_names(
        words
        for secret in wanted.secrets
        for words in [(secret.name,), *((secret.name, f.name) for f in secret.value.fields)]
    )
    ordered = sorted(groups.items(), key=lambda group: group[0] or "")
    documents = [
        {
            "apiVersion": "secrets-store.csi.x-k8s.io/v1",
            "kind": "SecretProviderClass",
            "metadata": {"name": _name(wanted.reader.environment.name, failover or "")},
            "spec": {
                "provider": "aws",
                "parameters": {
                    "region": wanted.region,
                    **({"failoverRegion": failover} if failover else {}),
                    **({"usePodIdentity": "true"} if wanted.reader.pods else {}),
                    "objects": Block(
                        to_yaml([_object(wanted, s, failover, files) for s in secrets])
                    ),
                },
            },
        }
        for failover, secrets in ordered
    ]
    return References(
        _documents(documents),
        (
            _pods(wanted.reader),
            *wanted.left_out,
        ),
    )


def _pods(reader: Reader) -> str:
    if reader.pods:
        return f"Associate the service account of the pod with {reader.arn}."
    name = reader.service_account[1] if reader.service_account else "of the pod"
    return _annotation(reader, name)


def _object(
    wanted: Wanted, secret: Secret, failover: str | None, files: Mapping[tuple[str, ...], str]
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "objectName": wanted.arns.arn(secret.name, wanted.region),
        "objectType": "secretsmanager",
        "objectAlias": files[secret.name,],
    }
    if failover:
        found["failoverObject"] = {"objectName": wanted.arns.arn(secret.name, failover)}
    if secret.value.fields:
        found["jmesPath"] = [
            {"path": _jmespath(field), "objectAlias": files[secret.name, field.name]}
            for field in secret.value.fields
        ]
    return found


def _jmespath(field: Field) -> str:
    """Returns the JMESPath of a field; the provider takes no other results than texts."""
    plain = _JMESPATH_NAME.fullmatch(field.name)
    name = field.name if plain else json.dumps(field.name)
    is_text = field.literal is None or isinstance(field.literal, str)
    return name if is_text else f"to_string({name})"


def _name(*words: str) -> str:
    parts = tuple(word for word in words if word)
    return kubernetes_names([parts])[parts]


def _documents(documents: Iterable[Mapping[str, Any]]) -> str:
    return "---\n".join(map(to_yaml, documents))


_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_./:@=+<>-]*(?<!:)|[0-9]+h[0-9]+m[0-9]+s")
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null"})


class Block(str):
    """A text of several lines, written as a literal block."""

    __slots__ = ()


def to_yaml(node: object) -> str:
    """Writes mappings, sequences and texts; every text stays a text."""
    return "".join(f"{line}\n" for line in _lines(node))


def _lines(node: object) -> Iterator[str]:
    match node:
        case Mapping():
            for key, value in node.items():
                yield from _entry(_scalar(key), value)
        case Sequence() if not isinstance(node, str):
            for value in node:
                first, *others = _lines(value)
                yield f"- {first}"
                yield from (f"  {line}" for line in others)
        case _:
            yield _scalar(str(node))


def _entry(key: str, value: object) -> Iterator[str]:
    if isinstance(value, Block):
        yield f"{key}: |"
        yield from (f"  {line}" for line in value.splitlines())
    elif isinstance(value, str):
        yield f"{key}: {_scalar(value)}"
    else:
        yield f"{key}:"
        yield from (f"  {line}" for line in _lines(value))


def _scalar(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return printable(json.dumps(text, ensure_ascii=False))
