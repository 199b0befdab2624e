"""Does a rendered backend block keep two applies apart?"""

import shutil
import time
from pathlib import Path

from tests.harness.aws import LocalAws
from tests.harness.terraform import FAILED, Run, Terraform

HOLDER = """\
resource "terraform_data" "hold" {
  provisioner "local-exec" {
    command = "touch held && while [ ! -e release ]; do sleep 0.1; done"
  }
}
"""
START_SECONDS = 60


def apply_while_locked(aws: LocalAws, backend_file: Path, folder: Path) -> Run:
    """Apply a second time while a first apply still runs, with the backend of `backend_file`.

    Only that file is taken from the environment; the resource that holds the lock needs no
    provider, so this is quick.

    Args:
        aws: the local AWS, with the bucket and table that the backend names.
        backend_file: the rendered `backend.tf`.
        folder: an empty folder to work in.

    Returns:
        The second apply, which has failed.
    """
    root, scratch = folder / "root", folder / "scratch"
    root.mkdir()
    scratch.mkdir()
    shutil.copy(backend_file, root / "backend.tf")
    (root / "hold.tf").write_text(HOLDER)
    terraform = Terraform(root, scratch, environment=aws.environment())
    terraform.init()
    first = ("apply", "-input=false", "-auto-approve")
    process = terraform.start(*first)
    try:
        wait_for(root / "held")
        return terraform.apply(expect=(FAILED,), limit=START_SECONDS)
    finally:
        (root / "release").touch()
        ended = terraform.finish(process, first, START_SECONDS)
        assert ended.code == 0, ended.text


def wait_for(file: Path) -> None:
    """Wait until an apply of `HOLDER` has begun, and so made `held`."""
    deadline = time.monotonic() + START_SECONDS
    while not file.exists():
        assert time.monotonic() < deadline, "the first apply did not start"
        time.sleep(0.05)
