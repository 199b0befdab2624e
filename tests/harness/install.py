"""Where Terraform and a mirror of the AWS provider are on this machine."""

import json
import os
import re
import shutil
import subprocess
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PROVIDER = "registry.terraform.io/hashicorp/aws"
MIRROR_VARIABLES = ("SECRETGEN_TERRAFORM_MIRROR", "TF_PLUGIN_MIRROR", "TF_PLUGIN_CACHE_DIR")
OLDEST = (1, 11)
SEARCH_DEPTH = 4
SEARCH_LIMIT = 5_000


@dataclass(frozen=True)
class Installation:
    """The terraform command and the folder to hand to `init -plugin-dir`."""

    command: Path
    mirror: Path


class TerraformMissingError(Exception):
    """Terraform or its AWS provider is not on this machine; the text says what to do."""


@cache
def find_installation() -> Installation:
    """The first usable Terraform and provider mirror.

    Raises:
        TerraformMissingError: one of the two is missing or too old.
    """
    command = shutil.which("terraform")
    if command is None:
        raise TerraformMissingError("terraform is not on PATH: install Terraform 1.11 or later")
    answer = subprocess.run(
        [command, "version", "-json"],
        capture_output=True,
        timeout=60,
        check=True,
        env={"TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"},
    )
    version = json.loads(answer.stdout)["terraform_version"]
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST:
        raise TerraformMissingError(f"terraform {version} is too old: install 1.11 or later")
    for folder in _candidates():
        if _holds_provider(folder):
            return Installation(Path(command), folder)
    raise TerraformMissingError(
        f"no unpacked mirror of {PROVIDER} found: name the folder that holds "
        f"registry.terraform.io in {MIRROR_VARIABLES[0]} (a plugin cache folder will do)"
    )


def _holds_provider(folder: Path) -> bool:
    return any(folder.glob(f"{PROVIDER}/*/*/terraform-provider-aws*"))


def _candidates() -> Iterator[Path]:
    """Named folders first, then Terraform's own, then a bounded search of the usual roots."""
    for name in MIRROR_VARIABLES:
        if value := os.environ.get(name):
            yield Path(value)
    yield from _configured_mirrors()
    home = Path.home()
    # https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories
    yield home / ".terraform.d/plugins"
    yield home / ".local/share/terraform/plugins"
    yield Path("/usr/local/share/terraform/plugins")
    yield Path("/usr/share/terraform/plugins")
    for root in ("/opt", "/usr/local/share", "/usr/local/lib", "/usr/share", "/srv", "/var/lib"):
        yield from _search(Path(root))
    yield from _search(home)


def _configured_mirrors() -> Iterator[Path]:
    """The `path` of each filesystem_mirror in Terraform's own configuration file."""
    config = Path(os.environ.get("TF_CLI_CONFIG_FILE") or Path.home() / ".terraformrc")
    if config.is_file():
        for block in re.findall(r"filesystem_mirror\s*\{(.*?)\}", config.read_text(), re.DOTALL):
            yield from (Path(path) for path in re.findall(r'path\s*=\s*"([^"]+)"', block))


def _search(root: Path) -> Iterator[Path]:
    """Folders below `root` that hold a registry's folder, breadth first and bounded."""
    queue = deque([(root, 0)])
    for _ in range(SEARCH_LIMIT):
        if not queue:
            return
        folder, depth = queue.popleft()
        try:
            children = [Path(e) for e in os.scandir(folder) if e.is_dir(follow_symlinks=False)]
        except OSError:
            continue
        if any(child.name == "registry.terraform.io" for child in children):
            yield folder
        elif depth < SEARCH_DEPTH:
            queue.extend((child, depth + 1) for child in children)
