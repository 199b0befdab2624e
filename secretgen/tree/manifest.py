"""Sealing a whole tree, and who owns the files that cannot hold a comment.

Each folder with such files (JSON) gets a `secretgen.sum`, sealed like any other generated
file, with one line per file as `sha256sum` writes it: digest, two spaces, name.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass

from secretgen.tree.header import (
    BARE_SUFFIX,
    MANIFEST,
    Kind,
    Owned,
    digest,
    inspect,
    kind_of,
    seal,
)


@dataclass(frozen=True, slots=True)
class Generated:
    """A file as it was rendered, without its header.

    Args:
        body: its text: LF line ends, and one at the end.
        origin: what it was generated from: the path of a spec, relative to the root, or a
            text such as `templates` for what is not made from one spec.
    """

    body: str
    origin: str


def with_manifests(rendered: Mapping[str, Generated]) -> dict[str, Generated]:
    """Adds a manifest to each folder that has files which cannot hold a comment.

    Args:
        rendered: files by path, relative to the root.

    Raises:
        ValueError: the tree holds a file with the name of a manifest.
    """
    complete = dict(rendered)
    bare: dict[str, list[str]] = {}
    for path in sorted(rendered):
        if posixpath.basename(path) == MANIFEST:
            raise ValueError(f"{path!r} has the name of a manifest")
        if kind_of(path) is Kind.BARE:
            bare.setdefault(posixpath.dirname(path), []).append(path)
    for folder, paths in bare.items():
        body = "".join(
            f"{digest(rendered[path].body.encode())}  {posixpath.basename(path)}\n"
            for path in paths
        )
        origins = sorted({rendered[path].origin for path in paths})
        complete[posixpath.join(folder, MANIFEST)] = Generated(body, ", ".join(origins))
    return complete


def sealed(path: str, file: Generated) -> bytes:
    """Returns the bytes of a file as they are published, with its header if it can have one.

    Raises:
        ValueError: a body or a kind of file cannot be sealed (a defect of a template).
    """
    kind = kind_of(path)
    body = file.body if kind is Kind.BARE else seal(file.body, file.origin, kind)
    return body.encode()


def owner(path: str, disk: Mapping[str, bytes]) -> Owned | None:
    """Tells whether secretgen generated a file, by its header or by the manifest beside it.

    Args:
        path: which file of `disk`.
        disk: the files of the committed tree, manifests among them.

    Returns:
        What header or manifest says; None when the file is somebody else's.
    """
    by_header = inspect(disk[path])
    if by_header is not None or not path.endswith(BARE_SUFFIX):
        return by_header
    manifest = disk.get(posixpath.join(posixpath.dirname(path), MANIFEST), b"")
    entry = inspect(manifest)
    if entry is None:
        return None
    for line in manifest.splitlines():
        listed, _, name = line.partition(b"  ")
        if name == posixpath.basename(path).encode():
            return Owned(entry.origin, intact=listed == digest(disk[path]).encode())
    return None
