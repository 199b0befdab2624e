"""checkov finds nothing in what is rendered; the few skips are told, each with its reason."""

from pathlib import Path

import pytest

from tests.scanners.checkov import scan
from tests.scanners.conftest import scanner

SKIPS = {"CKV2_AWS_57", "CKV_AWS_144", "CKV_AWS_145", "CKV_AWS_149", "CKV_AWS_393"}
# For secrets without rotation; no other is excused from it.
STATIC = {
    f"modules/aws-secrets/{protection}{policy}static/main.tf"
    for protection in ("", "unprotected/")
    for policy in ("", "unmanaged-policy/")
}


# One test, for one scan.
@pytest.mark.slow(seconds=40)
def test_only_skips_with_a_reason(rendered: Path) -> None:
    found = scan(scanner("checkov"), rendered)
    assert found.unread == []
    assert found.passed > 300
    bad = {f.resource for f in found.failed if f.file == "bad/main.tf"}
    assert bad == {"aws_s3_bucket.mine"}
    assert [f for f in found.failed if not f.file.startswith("bad/")] == []

    skipped = [f for f in found.skipped if not f.file.startswith("bad/")]
    assert {f.check for f in skipped} == SKIPS
    assert [f for f in skipped if len(f.reason.split()) < 5] == []
    assert {f.file for f in skipped if f.check == "CKV2_AWS_57"} == STATIC
