"""Whatever argument of whatever file is edited, the check finds it, and names it.

Each argument of each rendered file is changed, one at a time: all of them where a spec decides
what stands there, and every few where most is the same for all environments.
"""

import re
from pathlib import Path

import pytest

from secretgen.model.environment import Environment
from secretgen.model.names import key_modules, label, secret_module, variable
from tests.drift.mutations import Mutation, deletions, mutations
from tests.drift.trees import PRODUCTION, RICH, Tree, tree

STRIDE = 4
"""Of the arguments that are the same everywhere, one in so many is changed."""
SHARES = 3
"""Tests that share them."""

HCL = (".tf", ".tftest.hcl")
DECIDED = ("backend", "changes", "keys", "providers", "rotation", "secrets", "variables")
"""Files in which all that stands comes from the spec."""

IN_THE_ENVIRONMENT = re.compile(rf"environments/[^/]+/({'|'.join(DECIDED)})\.tf")

WORDS = {
    "exclusive_except": "exclusive",
    "kms_key_id": "kms_key",
    "rotation.automatically_after_days": "rotation.every_days",
    "rotation.rotate_immediately": "rotation.immediately",
    "rotation.schedule_expression": "rotation.schedule",
    "secret_string": "value.from",
    "secret_string_version": "value.version",
    "recovery_window_in_days": "recovery_window_days",
    "source": "deletion_protection",
}
REGION = "us-east-1"
"""The primary Region of the specs."""

SHARED_WORDS = {
    "alias": "provider.aws.",
    "exempt_account_ids": "in_organization|exempt_account_ids",
    "id": "aws.organization_id",
    "organization": "aws.organization_id",
    "use_lockfile": "locking",
}
GRANTS = {"readers": "grants", "writers": "write_grants"}
KEY_WORDS = {
    "deletion_window_in_days": "deletion_window_days",
    "rotation_period_in_days": "rotation_period_days",
    "source": "deletion_protection",
}


def files(rendered: Tree, *, decided: bool) -> list[str]:
    """The HCL of a tree; the module, which is the same in every tree, in one of them only."""
    return [
        path
        for path in rendered.files
        if path.endswith(HCL)
        and bool(IN_THE_ENVIRONMENT.fullmatch(path)) == decided
        and (path.startswith("environments/") or rendered.spec.file.endswith(PRODUCTION.name))
    ]


def owners(environment: Environment) -> dict[str, tuple[str | None, str]]:
    """Whose each block is: its secret, and what the attributes of the secret begin with."""
    found: dict[str, tuple[str | None, str]] = {}
    for secret in environment.secrets:
        name = secret.name
        found[f"module.{secret_module(name)}"] = name, ""
        found[f"module.rotation__{label(name)}"] = name, "rotation."
        for field in (None, *(f.name for f in secret.value.fields)):
            begin = f"value.fields.{field}." if field else "value."
            found[f"variable.{variable(name, field)}"] = name, begin
            password = f"ephemeral.aws_secretsmanager_random_password.{variable(name, field)}"
            found[password] = name, begin
    for key in environment.keys:
        secret_name = key.name if key.dedicated else None
        begin = "kms_key." if key.dedicated else f"keys.{key.name}."
        for region, module in key_modules(key).items():
            in_replica_region = region != environment.aws.region
            regional = f"regions.{region}." if in_replica_region else ""
            found[f"module.{module}"] = secret_name, begin + regional
    return found


def attribute(path: tuple[str, ...], begin: str) -> str:
    """What the spec calls the argument at a path of a block."""
    block, *rest = path
    if rest[0] == "secret_string" and len(rest) > 1:
        return f"value.fields.{rest[1]}"
    words = WORDS if block.startswith("module.secret__") else KEY_WORDS
    if "aws_secretsmanager_random_password" in block:
        words = {"password_length": "length"}
    in_replica_region = ".regions." in begin
    if rest[0] == "region" and in_replica_region:
        return begin.removesuffix(".")
    if rest[0] in GRANTS and words is KEY_WORDS:
        grants = GRANTS[rest[0]]
        return begin + (grants if in_replica_region else f"regions.{REGION}.{grants}")
    dotted = ".".join(rest)
    named = words.get(dotted) or ".".join((words.get(rest[0], rest[0]), *rest[1:]))
    return begin + named


@pytest.mark.parametrize("spec", [PRODUCTION, RICH], ids=lambda spec: spec.stem)
@pytest.mark.parametrize("name", DECIDED)
def test_spec_settings_are_reported_by_their_path(spec: Path, name: str) -> None:
    rendered = tree(spec)
    of_blocks = owners(rendered.spec.parts[1])
    paths = [path for path in files(rendered, decided=True) if Path(path).stem == name]
    for path, mutation in ((p, m) for p in paths for m in mutations(rendered.text(p))):
        drift = rendered.drift_of(path, mutation.text)
        told = {(c.difference.secret, c.difference.attribute) for c in drift.changes}
        where = f"{path}:{mutation.line} {mutation.path}: {told} {drift.note}"
        assert told, where
        check_place(mutation, [c.line for c in drift.changes], where)
        if mutation.path[0] in of_blocks:
            secret, begin = of_blocks[mutation.path[0]]
            wanted = attribute(mutation.path, begin)
            named = {found for of, found in told if of == secret}
            # A variant of the module is protected or not, and has its policy or not.
            either = {wanted, f"{begin}policy"} if mutation.path[-1] == "source" else {wanted}
            assert any(name == w or name.startswith(f"{w}.") for name in named for w in either), (
                where
            )
            assert {of for of, _ in told} == {secret}, where
        else:
            wanted = SHARED_WORDS.get(mutation.path[-1], mutation.path[-1])
            if path.endswith("/changes.tf"):
                wanted = r"changes\.(move|forget)\."
            assert any(re.search(wanted, name) for _, name in told), where


@pytest.mark.parametrize("spec", [PRODUCTION, RICH], ids=lambda spec: spec.stem)
def test_removed_spec_setting_is_reported(spec: Path) -> None:
    rendered = tree(spec)
    for path in files(rendered, decided=True):
        for line, text in deletions(rendered.text(path)):
            drift = rendered.drift_of(path, text)
            assert drift.changes or drift.note.startswith("does not parse"), f"{path}:{line}"


@pytest.mark.parametrize("spec", [PRODUCTION, RICH], ids=lambda spec: spec.stem)
@pytest.mark.parametrize("start", range(SHARES))
def test_argument_without_a_spec_path_is_reported_by_address(spec: Path, start: int) -> None:
    rendered = tree(spec)
    every = [
        (path, mutation)
        for path in files(rendered, decided=False)
        for mutation in mutations(rendered.text(path))
    ]
    for path, mutation in every[start :: STRIDE * SHARES]:
        drift = rendered.drift_of(path, mutation.text)
        where = f"{path}:{mutation.line} {mutation.path}: {drift.changes} {drift.note}"
        if drift.note:
            assert drift.note.startswith("does not parse"), where
            continue
        check_place(mutation, [c.line for c in drift.changes], where)


def check_place(mutation: Mutation, lines: list[int | None], where: str) -> None:
    """A change is told where it is; what is missing, where that begins that it is missing in."""
    assert mutation.line in lines or set(lines) & set(mutation.lines), where
