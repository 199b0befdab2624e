"""How the suite runs; fixtures for tests that need Terraform or an AWS."""

import gc
import os
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from itertools import zip_longest
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.garbage import collect_seldom
from tests.harness import commands, providers
from tests.harness.aws import LocalAws, local_aws
from tests.harness.install import TerraformMissingError, find_installation
from tests.harness.service import socket_of
from tests.memory import folder_in_memory
from tests.missing import missing, summarise
from tests.remembered import remember

gc.disable()  # until all tests are loaded, see `pytest_collection_finish`

TESTS = Path(__file__).parent

# Terraform waits for AWS most of its time: six tests more than there are cores keep them busy.
WAITING = 6

# Files, and tests of files, that go over the same lines again and again: to measure coverage would
# double their time and show nothing more.
NOT_MEASURED = {
    "bootstrap/test_files.py::test_its_state_is_beside_the_environments_and_locked_alike",
    "cli/test_exit_codes.py::test_warnings_fail_only_a_strict_run",
    "cli/test_settings.py::test_modules_are_found_from_any_folder",
    "consumers/test_readme.py",
    "drift/test_check.py::test_check_changes_no_file",
    "drift/test_check.py::test_comment_and_layout_changes_are_reported_as_such",
    "drift/test_check.py::test_invalid_hcl_is_drift_with_a_place",
    "drift/test_check.py::test_rendered_tree_is_in_sync",
    "drift/test_mutations.py",
    "drift/test_proof.py::test_a_wrong_render_is_refused",
    "hcl/test_align.py::test_only_whitespace_changes_and_only_once",
    "hcl/test_decode.py::test_a_read_only_installation_compiles_its_grammar_once",
    "hcl/test_decode.py::test_aligning_changes_no_meaning",
    "hcl/test_decode.py::test_long_sequences_are_read",
    "hcl/test_decode.py::test_written_text_is_read_back",
    "report/test_redaction.py::test_in_a_spec_that_is_no_yaml",
    "spec/test_fuzz.py",
    "spec/test_misspelt_keys.py",
    "spec/test_one_mistake.py",
    "spec_source/test_fuzz.py",
    "templates/test_guard.py::test_all_templates_ejected_render_the_same",
}

# How the machine shows colours, how wide its window is, and a hook of Git that runs the tests are
# no concern of theirs.
for name in (
    *("CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "FORCE_COLOR", "LINES", "NO_COLOR", "PY_COLORS"),
    *("GIT_DIR", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_WORK_TREE", "GITHUB_ACTIONS", "TERM"),
):
    os.environ.pop(name, None)

# Images of containers often forbid it: each process would then compile all that it imports.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

remember()

settings.register_profile(
    "secretgen",
    # A busy machine makes no test wrong.
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    # CI tries the same examples each time; it is the other runs that look for new ones.
    derandomize=bool(os.environ.get("CI")),
)
settings.load_profile("secretgen")


@pytest.hookimpl(wrapper=True)
def pytest_xdist_auto_num_workers() -> Iterator[None]:
    """What `-n auto` stands for: as many workers as pytest-xdist would take, and some that wait."""
    return (yield) + WAITING


def pytest_configure(config: pytest.Config) -> None:
    """Workers have in common where their files are, and the processes that serve them."""
    if config.getoption("tx", None) and not hasattr(config, "workerinput"):
        _share_files(config)
        socket_of(commands.MODULE)
        socket_of(providers.MODULE)


def _share_files(config: pytest.Config) -> None:
    folder = folder_in_memory()
    if folder and "TMPDIR" not in os.environ:
        files = tempfile.TemporaryDirectory(prefix="secretgen-", dir=folder)
        Path(files.name).chmod(0o711)  # somebody without privileges has files there
        os.environ["TMPDIR"] = tempfile.tempdir = files.name
        config.add_cleanup(files.cleanup)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest tests begin first, or a run ends with one of them alone.

    A worker holds what it runs and some more. After each long test that is a group of short ones:
    no long one waits behind another while a worker is free.
    """
    slow = sorted(filter(_seconds, items), key=_seconds, reverse=True)
    groups: dict[Path, list[pytest.Item]] = {}
    for item in items:
        if not _seconds(item):
            groups.setdefault(item.path, []).append(item)
    fast = sorted(groups.values(), key=len, reverse=True)
    pairs = zip_longest([[item] for item in slow], fast, fillvalue=[])
    items[:] = [item for pair in pairs for group in pair for item in group]


def pytest_collection_finish() -> None:
    """All tests are loaded."""
    collect_seldom()


def pytest_itemcollected(item: pytest.Item) -> None:
    """Coverage leaves out what it gains nothing from; Terraform's own time is not the program's."""
    file, test = _in_tests(item.path), getattr(item, "originalname", "")
    if {file, f"{file}::{test}"} & NOT_MEASURED or item.get_closest_marker("terraform"):
        item.add_marker("no_cover")
    if not _seconds(item):  # one worker makes what the short tests of a file share
        item.add_marker(pytest.mark.xdist_group(file))


@cache
def _in_tests(path: Path) -> str:
    return path.relative_to(TESTS).as_posix()


def _seconds(item: pytest.Item) -> float:
    """About how long a test takes: what its mark `slow` says, or next to nothing."""
    slow = item.get_closest_marker("slow")
    return slow.kwargs.get("seconds", 10) if slow else 0


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test with the mark `terraform` needs it."""
    if item.get_closest_marker("terraform"):
        try:
            find_installation()
        except TerraformMissingError as error:
            missing(str(error))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what did not run."""
    summarise(terminalreporter)


@pytest.fixture(scope="session")
def aws_server() -> Iterator[LocalAws]:
    """The local AWS of this test process; use `aws`, which is empty for each test."""
    with local_aws() as aws:
        yield aws


@pytest.fixture
def aws(aws_server: LocalAws) -> LocalAws:
    """An empty local AWS."""
    aws_server.reset()
    return aws_server


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """An empty folder outside of the tree, for Terraform's HOME, temporary files and plans."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder
