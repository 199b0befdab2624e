"""What templates of a user's own may say otherwise: words, versions, tags; nothing that counts.

The proof reads back what a spec decides. The rest, such as the module and its policies, no spec
speaks of: it is held against what the packaged templates make of the same specs.
"""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator, Mapping

from secretgen.errors import TemplateError
from secretgen.hcl.decode import parse
from secretgen.hcl.nodes import Body
from secretgen.hcl.tokens import HclSyntaxError
from secretgen.model.compare import BLOCK, Path
from secretgen.model.words import shown
from secretgen.readback.structure import Node, Pair, nodes, pairs
from secretgen.tree import Generated

_HCL = ".tf"
_WORDS = {"description", "error_message"}
_VERSIONS = {
    ("terraform", "required_version"),
    ("terraform", "required_providers", "aws", "version"),
}
_RESOURCE = "resource."


def hold_against_packaged(own: Mapping[str, Generated], packaged: Mapping[str, Generated]) -> None:
    """Makes sure that own templates say what the packaged ones say, each folder as a whole.

    Args:
        own: the files as they are rendered with own templates, by path.
        packaged: the same without them.

    Raises:
        TemplateError: they say something else that counts.
    """
    folders: dict[str, set[str]] = defaultdict(set)
    for path in own.keys() | packaged.keys():
        if path.endswith(_HCL) and _text(own, path) != _text(packaged, path):
            folders[posixpath.dirname(path)].add(path)
    for paths in (folders[folder] for folder in sorted(folders)):
        differences = list(_differences(paths, own, packaged))
        if differences:
            first, more = differences[0], len(differences) - 1
            raise TemplateError(f"{first}{f' ({more} more)' if more else ''}")


def _differences(
    paths: set[str], own: Mapping[str, Generated], packaged: Mapping[str, Generated]
) -> Iterator[str]:
    expected = nodes(_bodies(paths, packaged))
    found = nodes(_bodies(paths, own))
    return (_told(pair) for pair in pairs(expected, found) if _counts(pair.path))


def _bodies(paths: set[str], rendered: Mapping[str, Generated]) -> Iterator[Body]:
    for path in sorted(paths & rendered.keys()):
        try:
            yield parse(_text(rendered, path), path)
        except HclSyntaxError as error:
            raise TemplateError(f"rendered HCL that does not parse: {error}") from None


def _text(rendered: Mapping[str, Generated], path: str) -> str:
    return rendered[path].body if path in rendered else ""


def _counts(path: Path) -> bool:
    if path in _VERSIONS or (len(path) > 1 and path[-1] in _WORDS):
        return False
    return not (path[0].startswith(_RESOURCE) and path[1:2] == ("tags",))


def _told(pair: Pair) -> str:
    what = ".".join(pair.path)
    if pair.found is None:
        return f"own templates leave out {what}"
    span = pair.found.span
    if pair.expected is None:
        return f"own templates add {what}; {span.file}:{span.line}"
    return (
        f"own templates make {what} {_value(pair.found)},"
        f" which has to be {_value(pair.expected)}; {span.file}:{span.line}"
    )


def _value(node: Node) -> str:
    return shown(node.data) if node.data is not BLOCK else "a block"
