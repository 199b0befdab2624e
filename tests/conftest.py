"""Fixtures for tests that need Terraform or an AWS; what happens where Terraform is missing."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.harness.aws import LocalAws, local_aws
from tests.harness.install import TerraformMissingError, find_installation

SKIPPED = "needs Terraform: "

# A busy machine makes no test wrong.
settings.register_profile("secretgen", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("secretgen")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Without Terraform a marked test fails in CI and is skipped elsewhere, never silently."""
    if item.get_closest_marker("terraform") is None:
        return
    missing = _what_is_missing()
    if missing and os.environ.get("CI"):
        pytest.fail(SKIPPED + missing, pytrace=False)
    if missing:
        pytest.skip(SKIPPED + missing)


def _what_is_missing() -> str:
    try:
        find_installation()
    except TerraformMissingError as error:
        return str(error)
    return ""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly that the end-to-end tests did not run."""
    reasons = [
        report.longrepr[2]
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple) and SKIPPED in report.longrepr[2]
    ]
    if reasons:
        terminalreporter.write_sep("!", "END-TO-END TESTS DID NOT RUN", red=True, bold=True)
        reason = reasons[0].removeprefix("Skipped: ")
        terminalreporter.write_line(f"{len(reasons)} skipped; the first {reason}", red=True)


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
