"""Sealing a whole tree, and who owns the files that cannot hold a comment.

Each folder with such files (JSON) gets a `secretgen.sum`, sealed like any other generated
file, with one line per file as `sha256sum` writes it: digest, two spaces, name.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping

from msgspec import Struct

from secretgen.tree.header import BARE_SUFFIX, MANIFEST, Kind, Owned, digest, inspect, kind_of, seal


class Generated(Struct, frozen=True):
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


def manifest_of(path: str) -> str:
    """Returns the path of the manifest that lists a file."""
    return posixpath.join(posixpath.dirname(path), MANIFEST)


def owner(path: str, data: bytes, manifests: Iterable[bytes | None]) -> Owned | None:
    """Returns who generated a file, by its header or by the manifest next to it.

    Args:
        path: the file.
        data: its bytes.
        manifests: the manifest next to it; while Git merges, that of each side. It is enough
            when one of them lists the file.

    Returns:
        What header or manifest say; None when the file is foreign.
    """
    by_header = inspect(data)
    if by_header is not None or not path.endswith(BARE_SUFFIX):
        return by_header
    found = None
    for manifest in manifests:
        entry = inspect(manifest or b"")
        for line in (manifest or b"").splitlines() if entry else ():
            listed, _, name = line.partition(b"  ")
            if entry and name == posixpath.basename(path).encode():
                intact = listed == digest(data).encode()
                found = Owned(entry.origin, intact or (found is not None and found.intact))
    return found
