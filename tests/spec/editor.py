"""How an editor sees a spec: YAML 1.2's core schema, with numbers, booleans and nulls."""

import re
from typing import Any, ClassVar

import yaml

_SCALARS = (
    ("null", "~|null|Null|NULL|", "~nN"),
    ("bool", "true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", "[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
)


class _CoreLoader(yaml.CSafeLoader):
    """PyYAML with the scalars of YAML 1.2 in place of those of YAML 1.1."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}


def _integer(loader: yaml.CSafeLoader, node: yaml.ScalarNode) -> int:
    text = loader.construct_scalar(node)
    return int(text, 0) if text.startswith(("0o", "0x")) else int(text)


def _float(loader: yaml.CSafeLoader, node: yaml.ScalarNode) -> float:
    return float(loader.construct_scalar(node))


for _kind, _pattern, _first in _SCALARS:
    _CoreLoader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_kind}", re.compile(f"^(?:{_pattern})$"), [*_first, ""]
    )
_CoreLoader.add_constructor("tag:yaml.org,2002:int", _integer)
_CoreLoader.add_constructor("tag:yaml.org,2002:float", _float)


def instance(text: str) -> Any:
    """Returns what JSON Schema is applied to in an editor; keys are always text there."""
    return _with_text_keys(yaml.load(text, Loader=_CoreLoader))


def _with_text_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _with_text_keys(inner) for key, inner in value.items()}
    return [_with_text_keys(item) for item in value] if isinstance(value, list) else value
