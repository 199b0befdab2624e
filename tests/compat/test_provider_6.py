"""All that is rendered is known to AWS provider 6.x, by its published schema."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from secretgen.hcl.decode import parse
from secretgen.hcl.hcl_nodes import Block, Body
from tests.compat.bindings import META, Schema, classes, wheel
from tests.pip import PackageMissingError
from tests.rendered import render_all

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def bodies(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Body]:
    """All rendered HCL, by its path."""
    root = tmp_path_factory.mktemp("project")
    render_all(root)
    paths: Iterator[Path] = root.rglob("*.tf")
    return {str(p.relative_to(root)): parse(p.read_text("utf-8"), str(p)) for p in paths}


@pytest.fixture(scope="module", autouse=True)
def _bindings() -> None:
    try:
        wheel()
    except PackageMissingError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error), pytrace=False)
        pytest.skip(str(error))


def mistakes(block: Block, schema: Schema, schemas: dict[str, Schema]) -> Iterator[str]:
    """What a block says that the schema does not know, and what it lacks."""
    said = {attribute.name for attribute in block.body.attributes} - META
    inner = [(b, b.type) for b in block.body.blocks if b.type not in META]
    for dynamic, _ in [pair for pair in inner if pair[1] == "dynamic"]:
        inner += [(content, dynamic.labels[0]) for content in dynamic.body.blocks]
    blocks = [(b, name) for b, name in inner if name != "dynamic"]
    missing = schema.required - said - {name for _, name in blocks}
    yield from (f"{name} is unknown" for name in sorted(said - schema.known))
    yield from (f"{name} is missing" for name in sorted(missing))
    for nested, name in blocks:
        if name in schema.blocks:
            found = mistakes(nested, schemas[schema.blocks[name]], schemas)
            yield from (f"{name}: {mistake}" for mistake in found)
        else:
            yield f"{name} is no block"


def test_everything_is_known(bodies: dict[str, Body]) -> None:
    seen = set()
    for path, body in bodies.items():
        for block in body.blocks:
            if block.type not in {"resource", "ephemeral"}:
                continue
            kind, name = block.type, block.labels[0]
            schemas = classes(kind, name)
            assert list(mistakes(block, next(iter(schemas.values())), schemas)) == [], (path, name)
            seen.add((kind, name))
    assert ("ephemeral", "aws_secretsmanager_random_password") in seen
    assert ("resource", "aws_secretsmanager_secret_version") in seen
    assert len(seen) > 25


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('resource "aws_kms_key" "x" {\n  nonsense = 1\n}\n', ["nonsense is unknown"]),
        ('resource "aws_kms_alias" "x" {\n  name = "a"\n}\n', ["target_key_id is missing"]),
        (
            'resource "aws_secretsmanager_secret" "x" {\n  replica {\n    regio = 1\n  }\n}\n',
            ["replica: regio is unknown", "replica: region is missing"],
        ),
        ('resource "aws_kms_key" "x" {\n  replica {\n  }\n}\n', ["replica is no block"]),
    ],
)
def test_unknown_argument_is_found(text: str, told: list[str]) -> None:
    (block,) = parse(text, "x.tf").blocks
    schemas = classes("resource", block.labels[0])
    assert list(mistakes(block, next(iter(schemas.values())), schemas)) == told
