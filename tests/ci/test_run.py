"""`.ci/run`, on a machine that has no browser and on which nothing may be installed."""

import shutil
import subprocess
from pathlib import Path

from tests.ci.support import PROJECT

MAKE = """#!/bin/sh
echo "make $*, without a browser: ${SECRETGEN_NO_BROWSER:-no}"
"""


def test_missing_browser_is_reported(tmp_path: Path) -> None:
    for program in ("bash", "dirname", "env", "sh"):
        (tmp_path / program).symlink_to(str(shutil.which(program)))
    for program, text in {"make": MAKE, "id": "#!/bin/sh\necho 1000\n"}.items():
        (tmp_path / program).write_text(text, encoding="utf-8")
        (tmp_path / program).chmod(0o755)
    run = subprocess.run(
        ["bash", PROJECT / ".ci/run"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == "make lint check test, without a browser: 1\n"
    assert "there is no browser, and none can be installed" in run.stderr
