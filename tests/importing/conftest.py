"""A project for every test of an import."""

from pathlib import Path

import pytest

from tests.importing.project import Project


@pytest.fixture
def project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Project:
    return Project(tmp_path, capsys)
