"""Small rendered trees, and the whole way of a render on them."""

import os
import stat
from collections.abc import Collection
from pathlib import Path

from secretgen.tree import ChangeSet, Generated, compare, locked_root, publish, read_tree, recover

FOLDERS = ("modules/aws-secrets", "environments")
SPEC = "specs/production.yaml"
HOME = "environments/production"
MAIN = f"{HOME}/secrets.tf"
REPOSITORY = Path(__file__).parents[2]

Rendered = dict[str, Generated]


def hcl(value: object, origin: str = SPEC) -> Generated:
    return Generated(f'a = "{value}"\n', origin)


def tree(
    value: object = 1, *, module: object = 1, accounts: Collection[str] = ("app", "ci")
) -> Rendered:
    """An environment with a folder per account, and the module it calls."""
    files = {
        "modules/aws-secrets/main.tf": hcl(module, "templates"),
        "modules/aws-secrets/README.md": Generated(f"# {module}\n", "templates"),
        MAIN: hcl(value),
        f"{HOME}/README.md": Generated(f"# {value}\n", SPEC),
        f"{HOME}/policy.json": Generated(f'{{"a": {value}}}\n', SPEC),
    }
    for account in accounts:
        files[f"{HOME}/consumers/{account}/main.tf"] = hcl(value)
    return files


def committed(root: Path, rendered: Rendered, **options: object) -> ChangeSet:
    """What `check` sees."""
    with locked_root(root, shared=True) as opened:
        return compare(rendered, read_tree(opened, rendered, FOLDERS), **options)


def render(
    root: Path, rendered: Rendered, *, wait_seconds: float = 10, **options: object
) -> ChangeSet:
    """What `render` does."""
    with locked_root(root, wait_seconds=wait_seconds) as opened:
        recover(opened)
        changes = compare(rendered, read_tree(opened, rendered, FOLDERS), **options)
        if not changes.refused:
            publish(opened, changes)
        return changes


def snapshot(root: Path) -> dict[str, bytes | str]:
    """Every file and link below a folder with its content, but for what publishing stages."""
    found: dict[str, bytes | str] = {}
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".secretgen-")]
        for name in [*names, *(name for name in folders if Path(folder, name).is_symlink())]:
            path = Path(folder, name)
            mode = path.lstat().st_mode
            content: bytes | str = oct(stat.S_IFMT(mode))
            if stat.S_ISLNK(mode):
                content = str(path.readlink())
            elif stat.S_ISREG(mode):
                content = path.read_bytes()
            found[path.relative_to(root).as_posix()] = content
    return found


def leftovers(root: Path) -> list[str]:
    """What publishing should have taken away: its own folders, and empty ones."""
    staged = [path.name for path in root.iterdir() if path.name.startswith(".secretgen-")]
    return staged + [path for path, *held in os.walk(root) if not any(held) and path != str(root)]


def put(root: Path, path: str, text: str) -> Path:
    """Writes a file of somebody else's."""
    place = root / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)
    return place
