"""Generated files on disk: who owns them, what a render would change, publishing it.

A render:

    with locked_root(path) as root:
        recovery = recover(root)                    # heals what a killed render left behind
        disk = read_tree(root, rendered, folders)   # folders: modules/aws-secrets, environments
        changes = compare(rendered, disk, others=…, force=…, prune=…)
        if not changes.refused:
            publish(root, changes)

`check`, `--dry-run` and `--diff` write nothing: `locked_root(path, shared=True)`, `read_tree`,
`compare`, and then `changes.drift` or `changes.writes`.

`rendered` maps paths (POSIX, relative to the root) to `Generated(body, origin)`; headers and
manifests are added here. `spared` names the specs that exist but are not part of the run.
What stops a run is a `FileAccessError` with a summary and a hint.
"""

from secretgen.tree.changeset import Action, ChangeSet, FileChange, State, compare
from secretgen.tree.header import Owned, body_digest, digest, inspect, kind_of, seal
from secretgen.tree.lock import locked_root
from secretgen.tree.manifest import Generated, with_manifests
from secretgen.tree.paths import is_within
from secretgen.tree.publish import publish
from secretgen.tree.recover import Outcome, Recovery, recover
from secretgen.tree.root import Root, explained, open_root
from secretgen.tree.strays import Stray, Unless, find_strays
from secretgen.tree.tree_reader import other_origins, owner_of, read_sources, read_tree

__all__ = [
    "Action",
    "ChangeSet",
    "FileChange",
    "Generated",
    "Outcome",
    "Owned",
    "Recovery",
    "Root",
    "State",
    "Stray",
    "Unless",
    "body_digest",
    "compare",
    "digest",
    "explained",
    "find_strays",
    "inspect",
    "is_within",
    "kind_of",
    "locked_root",
    "open_root",
    "other_origins",
    "owner_of",
    "publish",
    "read_sources",
    "read_tree",
    "recover",
    "seal",
    "with_manifests",
]
