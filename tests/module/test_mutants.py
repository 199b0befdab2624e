"""A template of the module that differs in any one argument is told by a test.

What a plan shows is compared with the model; conditions of inputs have to refuse; outputs and
checks are seen by the module's own tests; the rest, which no plan shows, is in `interface.txt`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from secretgen.render.files import render_module
from secretgen.render.templates import environment as templates
from tests.harness.terraform import Terraform
from tests.module.mutants import Mutant, interface, is_interface, mutants
from tests.module.mutants_world import (
    FILES,
    MODULE,
    VARIANTS,
    Round,
    World,
    all_mutants,
    call_of,
    is_of_inputs,
    judge,
    module_files,
    plan_diagnostics,
    rounds,
    scenarios,
    variant_of,
)
from tests.module.refusals import REFUSALS, WITH_ANOTHER, refused_call

INTERFACE = Path(__file__).with_name("interface.txt")
SAME = 9000
"""Numbers from here on are of the module as it is, which nothing may tell."""

BATCH = 30
"""Mutants that are planned together: the time grows faster than their number."""

_RUN = re.compile(r'^run "(\w+)" \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)
_SOURCE = re.compile(r"^  module \{\n.*?^  \}\n", re.MULTILINE | re.DOTALL)


def interface_files() -> dict[str, str]:
    """The files of the module whose arguments `interface` lists."""
    return {p: t for p, t in module_files().items() if p.endswith(".tf")}


def test_hazards_that_no_plan_shows() -> None:
    """After a change that is meant: `python -m tests.module.test_mutants`."""
    assert interface(interface_files()) == INTERFACE.read_text(encoding="utf-8")


@pytest.mark.parametrize("folder", ["unmanaged-policy/", "unmanaged-policy/static/"])
def test_unplanned_attributes_are_known(folder: str) -> None:
    """Variants that are not planned here hold what the others hold, and interface."""
    files = module_files()
    seen = {(m.path, m.how, line_of(m)) for m in all_mutants(files)}
    for name in FILES:
        for mutant in mutants(folder + name, files[folder + name]):
            is_seen = (mutant.path, mutant.how, line_of(mutant)) in seen
            assert is_seen or is_interface(mutant.file, mutant.path), mutant.where


def line_of(mutant: Mutant) -> str:
    """The line of a mutant, however its columns are aligned."""
    return " ".join(mutant.text.split("\n")[mutant.line - 1].split())


def is_planned(mutant: Mutant) -> bool:
    """Whether a plan of an environment tells the mutant."""
    if is_of_inputs(mutant):
        return not is_refused(mutant)
    return mutant.file.endswith("main.tf") and not is_tested(mutant)


def is_refused(mutant: Mutant) -> bool:
    """Whether only what a condition has to refuse tells the mutant."""
    is_condition = mutant.path[-2:] == ("validation", "condition")
    is_negative = "= !" in mutant.text.split("\n")[mutant.line - 1]
    return is_condition and (mutant.how == "always" or (is_negative and mutant.how == "text"))


def is_tested(mutant: Mutant) -> bool:
    """Whether the module's own tests have to tell the mutant."""
    is_condition = mutant.path[-1] == "condition" and not is_of_inputs(mutant)
    return is_condition or mutant.file.endswith("outputs.tf")


@pytest.fixture(scope="module")
def all_of_them() -> dict[int, Mutant]:
    """All mutants that the interface does not tell, by number."""
    found = all_mutants(module_files())
    assert len(found) > 600
    return {n: m for n, m in enumerate(found) if not is_interface(m.file, m.path)}


def test_every_mutant_is_compared(all_of_them: dict[int, Mutant]) -> None:
    kinds = Counter(
        (is_planned(m), is_refused(m), is_tested(m)).count(True) for m in all_of_them.values()
    )
    assert kinds.keys() == {1}


@pytest.mark.terraform
@pytest.mark.slow(seconds=25)
def test_plan_reports_list_their_findings(
    all_of_them: dict[int, Mutant], tmp_path: Path, scratch: Path
) -> None:
    alive = {n: m for n, m in all_of_them.items() if is_planned(m)}
    same = [_same(variant + file) for variant in VARIANTS for file in ("main.tf", "variables.tf")]
    alive |= dict(enumerate(same, SAME))
    for blocks in rounds(scenarios()):
        among = {n: m for n, m in alive.items() if variant_of(m.file) in blocks}
        numbers = sorted(among, key=lambda n: (variant_of(among[n].file), n))
        for start in range(0, len(numbers), BATCH):
            folder = tmp_path / f"{len(alive)}-{start}"
            batch = {n: among[n] for n in numbers[start : start + BATCH]}
            left = _survivors(World(folder, scratch, module_files(), batch), blocks)
            alive = {n: m for n, m in alive.items() if n in left or n not in batch}
    assert [alive.pop(SAME + i) for i in range(len(same))] == same
    assert [mutant.where for mutant in alive.values()] == []


def _same(file: str) -> Mutant:
    return Mutant(file, (), 1, "same", module_files()[file])


def _survivors(world: World, blocks: Round) -> dict[int, Mutant]:
    among = scenarios()
    variables = "\n".join(scenario.variables for scenario in among)
    plan = None
    while plan is None:
        _write(world, blocks, variables)
        if not world.alive:
            return {}
        plan = world.plan()
    judge(world, plan, among, blocks)
    return world.alive


def _write(world: World, blocks: Round, variables: str) -> None:
    """Writes the root module and initializes it, until all mutants in it can be loaded."""
    while True:
        before = len(world.killed)
        calls = (call_of(n, blocks[variant_of(m.file)]) for n, m in world.alive.items())
        world.write(calls, variables)
        if world.is_initialized:
            return
        world.init()
        world.is_initialized = before == len(world.killed)


@pytest.mark.terraform
@pytest.mark.slow(seconds=2)
@pytest.mark.parametrize("is_alone", [True, False], ids=["alone", "with-another-input"])
def test_conditions_refuse(
    is_alone: bool, all_of_them: dict[int, Mutant], tmp_path: Path, scratch: Path
) -> None:
    """Terraform skips conditions about two inputs where others refuse: they go by themselves."""

    def is_here(where: tuple[str, int]) -> bool:
        return (where[0] not in WITH_ANOTHER) == is_alone

    asked = {}
    among = {}
    for number, mutant in all_of_them.items():
        if is_refused(mutant) and is_here(where := _validation(mutant)):
            among[number] = mutant
            asked[number] = variant_of(mutant.file), where
    every = [(v, where) for v in VARIANTS for where in REFUSALS[v] if is_here(where)]
    assert set(asked.values()) <= set(every)
    for number, (variant, where) in enumerate(every, SAME):
        among[number] = _same(f"{variant}variables.tf")
        asked[number] = variant, where
    world = World(tmp_path / "world", scratch, module_files(), among)
    world.write(refused_call(number, variant, where) for number, (variant, where) in asked.items())
    world.init()
    run = world.terraform.plan("-json", "-refresh=false", expect=(1,))
    world.kill(plan_diagnostics(run.stdout))
    assert set(world.killed.values()) == {"Invalid value for variable"}
    assert {n for n in world.killed if n >= SAME} == {n for n in asked if n >= SAME}
    assert [m.where for n, m in among.items() if n < SAME and n in world.killed] == []


def _validation(mutant: Mutant) -> tuple[str, int]:
    """The variable whose condition a mutant has changed, and which of its conditions."""
    name = mutant.path[0].removeprefix("variable.")
    above = "\n".join(mutant.text.split("\n")[: mutant.line])
    return name, above[above.index(f'variable "{name}"') :].count("validation {") - 1


@pytest.mark.terraform
@pytest.mark.slow(seconds=2)
def test_module_tests_detect_the_remaining_mutants(
    all_of_them: dict[int, Mutant], tmp_path: Path, scratch: Path
) -> None:
    among = {n: m for n, m in all_of_them.items() if is_tested(m)}
    world = World(tmp_path, scratch, module_files(), among, is_whole=True)
    world.write(calls_of_all(world), "")
    world.init()
    for number in world.killed:
        for file in (tmp_path / f"m{number}").iterdir():
            file.unlink()
    (tmp_path / "main.tf").write_text("")
    for file in tmp_path.glob("m*/main.tf"):
        # A test destroys what it has applied.
        file.write_text(
            file.read_text().replace("prevent_destroy = true", "prevent_destroy = false")
        )
    (tmp_path / "tests").mkdir()
    for number, mutant in world.alive.items():
        (tmp_path / "tests" / f"m{number}.tftest.hcl").write_text(_tests_of(number, mutant))
    terraform = Terraform(tmp_path, scratch)
    terraform.init()
    out = terraform.test(expect=(1,)).stdout
    failed = {
        int(n) for n in re.findall(r"^tests/m(\d+)\.tftest\.hcl\.\.\. fail$", out, re.MULTILINE)
    }
    assert [m.where for n, m in world.alive.items() if n not in failed] == []


def calls_of_all(world: World) -> Iterator[str]:
    """A call of each mutant, only to load it."""
    for number in world.alive:
        yield f'module "m{number}__x" {{\n  source = "./m{number}"\n}}\n'


_FILES = {
    "": "changes",
    "static/": "replicas",
    "kms-key/": "keys",
    "rotation-function/": "rotation_function",
}


def _tests_of(number: int, mutant: Mutant) -> str:
    """The runs of the module's own tests that look at what a mutant has changed."""
    variant = variant_of(mutant.file)
    text = render_module(templates())[f"{MODULE}tests/{_FILES[variant]}.tftest.hcl"]
    wanted = "output." if mutant.path[0].startswith("output") else ""
    head = text[: text.index("\nrun ")]
    runs = []
    for label, body in _RUN.findall(text):
        if wanted in body:
            source = f'  module {{\n    source = "./m{number}"\n  }}\n'
            runs.append(f'run "{label}" {{\n{source}{_SOURCE.sub("", body)}}}\n')
    assert runs, mutant.where
    return "\n".join([head, *runs])


if __name__ == "__main__":
    INTERFACE.write_text(interface(interface_files()), encoding="utf-8")
