"""Copies of a rendered tree in which Terraform may work, and override files for them.

Generated files are never changed: what a test must change stands in `zz_e2e_override.tf`, which
Terraform merges over them (https://developer.hashicorp.com/terraform/language/files/override).
"""

import re
import shutil
from pathlib import Path

OVERRIDE = "zz_e2e_override.tf"
# Nothing listens on the discard port: a plan that calls AWS fails there at once.
DEAD_ENDPOINT = "http://127.0.0.1:9"
PROVIDER_BLOCK = re.compile(r'^provider "aws" \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)
TREE_FOLDERS = ("modules", "environments")


def copy_tree(root: Path, destination: Path) -> Path:
    """Copy the generated folders of the project at `root`; returns `destination`."""
    for name in TREE_FOLDERS:
        if (root / name).is_dir():
            ignored = shutil.ignore_patterns(".terraform", "*.tfstate*", "*.tfvars")
            shutil.copytree(root / name, destination / name, ignore=ignored)
    return destination


def provider_regions(folder: Path) -> set[str]:
    """The Regions that the root module's aws provider blocks name."""
    return {region for body in _provider_blocks(folder) if (region := _argument(body, "region"))}


def _provider_blocks(folder: Path) -> list[str]:
    files = (file for file in sorted(folder.glob("*.tf")) if file.name != OVERRIDE)
    return [body for file in files for body in PROVIDER_BLOCK.findall(file.read_text())]


def _argument(body: str, name: str) -> str | None:
    found = re.search(rf'^\s*{name}\s*=\s*"([^"]+)"', body, re.MULTILINE)
    return found.group(1) if found else None


def write_override(
    folder: Path, settings: dict[str, str], *, local_backend: bool = False, extra: str = ""
) -> Path:
    """Merge `settings` (argument to HCL expression) into every aws provider of a root module.

    Args:
        folder: a root module in a copy of the tree.
        settings: written as they are into each provider block.
        local_backend: keep the state in the folder instead of the configured backend.
        extra: more HCL for the override file, such as `lifecycle` blocks.
    """
    blocks = ['terraform {\n  backend "local" {}\n}\n'] if local_backend else []
    for body in _provider_blocks(folder):
        alias = _argument(body, "alias")
        arguments = ({"alias": f'"{alias}"'} if alias else {}) | settings
        lines = "".join(f"  {name} = {value}\n" for name, value in arguments.items())
        blocks.append(f'provider "aws" {{\n{lines}}}\n')
    path = folder / OVERRIDE
    path.write_text("\n".join([*blocks, extra]))
    return path


def write_offline_override(folder: Path) -> Path:
    """Cut a root module off from AWS: local state, a dead endpoint, one try, no account check."""
    settings = {
        "access_key": '"testing"',
        "secret_key": '"testing"',
        "skip_credentials_validation": "true",
        "skip_requesting_account_id": "true",
        "skip_region_validation": "true",
        "allowed_account_ids": "null",
        "max_retries": "1",
    }
    return write_override(folder, settings, local_backend=True)
