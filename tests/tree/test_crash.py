"""Killed renders, full disks and failing calls; see `tests.tree.crash` for how."""

import subprocess
import sys
import tempfile

import pytest

from tests.memory import folder_in_memory
from tests.tree.trees import REPOSITORY


@pytest.mark.parametrize(
    ("attack", "scenario"),
    [
        ("kill_at_each_step", "first"),
        ("kill_at_each_step", "everything"),
        ("kill_at_each_step", "without-exchange"),
        ("kill_at_lines", "environment"),
        ("kill_everybody_at_steps", "nothing-left"),
        ("kill_from_outside", "everything"),
        ("kill_everybody_at_steps", "environment"),
        ("kill_everybody_at_steps", "without-exchange"),
        ("write_late_at_steps", "environment"),
        ("kill_recovery_at_each_step", "everything"),
        ("kill_recovery_at_each_step", "without-exchange"),
        ("fail_on_each_file", "environment"),
        ("fail_at_each_step", "without-exchange"),
        ("interrupt_at_steps", "without-exchange"),
        ("fail_on_each_file", "without-exchange"),
        ("fail_from_steps", "environment"),
    ],
)
def test_tree_is_completely_old_or_new(attack, scenario):
    # Killing a process loses nothing that it wrote: a file system in memory does, and is fast.
    with tempfile.TemporaryDirectory(dir=folder_in_memory()) as folder:
        command = [
            sys.executable,
            "-W",
            "error",
            "-m",
            "tests.tree.crash",
            attack,
            scenario,
            folder,
        ]
        done = subprocess.run(
            command, check=False, cwd=REPOSITORY, capture_output=True, text=True, timeout=300
        )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[0]) >= 2
