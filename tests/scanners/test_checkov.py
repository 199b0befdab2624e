"""checkov finds nothing in what is rendered; the few skips are told, each with its reason."""

from pathlib import Path

import pytest

from tests.scanners.checkov import Scan, scan
from tests.scanners.conftest import scanner

pytestmark = pytest.mark.slow

SKIPS = {"CKV2_AWS_57", "CKV_AWS_144"}


@pytest.fixture(scope="module")
def found(rendered: Path) -> Scan:
    return scan(scanner("checkov"), rendered)


def test_it_reads_every_file_and_finds_what_is_bad(found: Scan) -> None:
    assert found.unread == []
    assert found.passed > 300
    assert {f.resource for f in found.failed if f.file == "bad/main.tf"} == {"aws_s3_bucket.mine"}


def test_it_finds_nothing_in_what_is_rendered(found: Scan) -> None:
    assert [f for f in found.failed if not f.file.startswith("bad/")] == []


def test_skips_are_few_and_give_their_reason(found: Scan) -> None:
    skipped = [f for f in found.skipped if not f.file.startswith("bad/")]
    assert {f.check for f in skipped} == SKIPS
    assert [f for f in skipped if len(f.reason.split()) < 5] == []


def test_a_rotated_secret_is_not_excused_from_rotation(found: Scan) -> None:
    """The folder `static` of the module is for secrets without rotation."""
    excused = {f.file for f in found.skipped if f.check == "CKV2_AWS_57"}
    assert excused == {
        "modules/aws-secrets/static/main.tf",
        "modules/aws-secrets/unprotected/static/main.tf",
    }
