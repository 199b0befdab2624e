"""trivy finds nothing critical or high in what is rendered."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.scanners.conftest import scanner

pytestmark = pytest.mark.slow


def test_nothing_critical_or_high(rendered: Path, tmp_path: Path) -> None:
    what = ["config", "--severity", "HIGH,CRITICAL", "--format", "json"]
    # With the checks that came with it: no server is asked.
    how = ["--quiet", "--skip-check-update", "--cache-dir", tmp_path]
    how += ["--misconfig-scanners", "terraform"]
    run = subprocess.run(
        [scanner("trivy"), *what, *how, rendered],
        capture_output=True,
        check=True,
        # It ends before its memory would have to be tidied up.
        env={**os.environ, "HOME": str(tmp_path), "GOGC": "off", "GOMEMLIMIT": "1GiB"},
    )
    found = {
        result["Target"]: {m["ID"] for m in result.get("Misconfigurations") or ()}
        for result in json.loads(run.stdout)["Results"]
    }
    bad = {target: ids for target, ids in found.items() if ids}
    assert bad.keys() == {"bad/main.tf"}
    assert len(found) > 10
