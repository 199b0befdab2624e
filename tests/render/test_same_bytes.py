"""Same spec, same bytes: whatever the folder, hash seed, locale, time zone or order of keys."""

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from secretgen.cli import run
from secretgen.spec.literals import is_typed
from tests.rendered import PRODUCTION, SPECS, tree, write_spec

RICH = SPECS / "rich.yaml"


class TextLoader(yaml.SafeLoader):
    """Keeps every scalar as its text."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 -- PyYAML's way to configure


class Typed(str):
    """A scalar whose type a JSON literal takes from how it is written: it stays without quotes."""

    __slots__ = ()


def _constructed(loader: TextLoader, node: yaml.ScalarNode) -> str:
    return Typed(node.value) if node.style is None and is_typed(node.value) else str(node.value)


def _represented(dumper: yaml.SafeDumper, text: Typed) -> yaml.Node:
    kind = "bool" if text in {"true", "false"} else "float" if "." in text else "int"
    return dumper.represent_scalar(f"tag:yaml.org,2002:{kind}", str(text), style="")


class TextDumper(yaml.SafeDumper):
    """Writes what `TextLoader` reads."""


TextLoader.add_constructor("tag:yaml.org,2002:str", _constructed)
TextDumper.add_representer(Typed, _represented)


def shuffled(value: Any, order: random.Random) -> Any:
    if isinstance(value, dict):
        keys = list(value)
        order.shuffle(keys)
        return {key: shuffled(value[key], order) for key in keys}
    return value


def shuffled_lists(value: Any, order: random.Random) -> Any:
    """Shuffles the lists whose order means nothing."""
    if isinstance(value, dict):
        return {key: shuffled_lists(item, order) for key, item in value.items()}
    if isinstance(value, list):
        return order.sample(value, len(value))
    return value


def render(root: Path, texts: dict[str, str], **variables: str) -> dict[str, bytes]:
    """Renders specs, with variables in a process of its own."""
    for name, text in texts.items():
        write_spec(root, text, name)
    if variables:
        subprocess.run(
            [sys.executable, "-m", "secretgen", "render"],
            cwd=root,
            env={**os.environ, **variables},
            check=True,
            capture_output=True,
        )
    else:
        assert run(["render", "--root", str(root)]) == 0
    return {path: data for path, data in tree(root).items() if not path.startswith("specs/")}


def texts(spec: Path) -> Iterator[str]:
    data = yaml.load(spec.read_text(encoding="utf-8"), TextLoader)
    for seed in range(3):
        order = random.Random(seed)
        changed = shuffled_lists(shuffled(data, order), order)
        yield yaml.dump(
            changed, Dumper=TextDumper, sort_keys=False, allow_unicode=True, default_style='"'
        )


def test_same_bytes(tmp_path: Path) -> None:
    """Of two environments, which are rendered together."""
    written = {spec.stem: spec.read_text(encoding="utf-8") for spec in (PRODUCTION, RICH)}
    expected = render(tmp_path / "a", written)
    assert len({path.split("/")[1] for path in expected if path.startswith("environments/")}) == 2
    for number, changed in enumerate(zip(texts(PRODUCTION), texts(RICH), strict=True)):
        elsewhere = render(
            tmp_path / f"b {number}" / "ü",
            dict(zip(written, changed, strict=True)),
            PYTHONHASHSEED=str(number + 1),
            LC_ALL=["C", "C.UTF-8", "POSIX"][number],
            TZ=["UTC", "Asia/Kolkata", "America/St_Johns"][number],
        )
        assert elsewhere == expected
