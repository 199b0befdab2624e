"""All that is rendered, and one file that is known to be bad, for scanners to look at."""

from pathlib import Path

import pytest

from tests.harness.once import made_once
from tests.missing import missing
from tests.pip import PackageMissingError
from tests.rendered import render_all
from tests.scanners.tools import install

BAD = """
resource "aws_s3_bucket" "mine" {
  #checkov:skip=CKV_AWS_144:One Region is enough
  bucket = "mine"
}
"""


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the reference specs, those of the tests, and the folder `bad`."""

    def make() -> str:
        root = tmp_path_factory.mktemp("project")
        render_all(root)
        (root / "bad").mkdir()
        (root / "bad/main.tf").write_text(BAD, encoding="utf-8")
        return str(root)

    return Path(made_once(tmp_path_factory, "scanned", make))


def scanner(name: str) -> Path:
    """The program."""
    try:
        return install(name)
    except PackageMissingError as error:
        missing(str(error))
