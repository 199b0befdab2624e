"""All that is rendered, and one file that is known to be bad, for scanners to look at."""

from pathlib import Path

import pytest

from secretgen.cli import run
from tests.missing import missing
from tests.rendered import PRODUCTION, SPECS, write_spec
from tests.scanners.tools import ScannerMissingError, install

RENDERED = [PRODUCTION, PRODUCTION.with_name("staging.yaml"), *sorted(SPECS.glob("*.yaml"))]
BAD = """
resource "aws_s3_bucket" "mine" {
  #checkov:skip=CKV_AWS_144:One Region is enough
  bucket = "mine"
}
"""


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the reference specs, those of the tests, and the folder `bad`."""
    root = tmp_path_factory.mktemp("project")
    for spec in RENDERED:
        write_spec(root, spec.read_text(encoding="utf-8"), spec.stem)
    assert run(["render", "--root", str(root)]) == 0
    (root / "bad").mkdir()
    (root / "bad/main.tf").write_text(BAD, encoding="utf-8")
    return root


def scanner(name: str) -> Path:
    """The program."""
    try:
        return install(name)
    except ScannerMissingError as error:
        missing(str(error))
