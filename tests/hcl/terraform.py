"""Terraform as the judge of what HCL is; no provider takes part."""

import os
import subprocess
import tempfile
from pathlib import Path

from tests.harness.install import find_installation

LIMIT_SECONDS = 120


def run(*arguments: str, text: str = "", folder: Path | None = None) -> tuple[int, str, str]:
    """Runs Terraform; returns its exit code, output and errors."""
    answer = subprocess.run(
        [find_installation().command, *arguments],
        input=text.encode(),
        cwd=folder,
        capture_output=True,
        timeout=LIMIT_SECONDS,
        check=False,
        env={"TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"},
    )
    return answer.returncode, answer.stdout.decode(), answer.stderr.decode()


def fmt(texts: list[str]) -> list[str]:
    """What `terraform fmt` makes of each text."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{i}.tf" for i in range(len(texts))]
        for file, text in zip(files, texts, strict=True):
            file.write_bytes(text.encode())
        code, _, errors = run("fmt", "-no-color", "-list=false", folder)
        assert code == 0, errors
        return [file.read_bytes().decode() for file in files]
