"""What templates of a user's own may say otherwise: words, versions, tags; nothing that counts.

The proof reads back what a spec decides. The rest, such as the module and its policies, no spec
speaks of: it is held against what the packaged templates make of the same specs.
"""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from secretgen.errors import TemplateError
from secretgen.hcl.decode import parse
from secretgen.hcl.hcl_nodes import Body
from secretgen.hcl.tokens import HclSyntaxError
from secretgen.model.compare import BLOCK
from secretgen.model.words import shown
from secretgen.readback.structure import Node, Pair, nodes, pairs
from secretgen.tree import Generated

_HCL = (".tf", ".hcl", ".example")
"""How the names of files end that Terraform reads, some of them when they are renamed."""

_WORDS = {"description", "error_message"}
_VERSIONS = {
    ("terraform", "required_version"),
    ("terraform", "required_providers", "aws", "version"),
}
_RESOURCE = "resource."
_DECLARATIONS = ("variable.", "output.")
_INTERPOLATION = re.compile(r"[$%]\{[^{}]*\}")
_LITERAL = r'"[^"$%\\]*" = "[^"$%\\]*"'
_LITERAL_TAGS = re.compile(rf"\{{ {_LITERAL}(?:, {_LITERAL})* \}}, ")


def compare_with_packaged(own: Mapping[str, Generated], packaged: Mapping[str, Generated]) -> None:
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
    return (_told(pair) for pair in pairs(expected, found) if not _is_free(pair))


def _bodies(paths: set[str], rendered: Mapping[str, Generated]) -> Iterator[Body]:
    for path in sorted(paths & rendered.keys()):
        try:
            yield parse(_text(rendered, path), path)
        except HclSyntaxError as error:
            raise TemplateError(f"invalid rendered HCL: {error}") from None


def _text(rendered: Mapping[str, Generated], path: str) -> str:
    return rendered[path].body if path in rendered else ""


def _is_free(pair: Pair) -> bool:
    """Returns whether a difference is one of words, versions or tags, and of text alone.

    No argument is free by its name: code in it could say anything.
    """
    path, found, expected = pair.path, pair.found, pair.expected
    if path in _VERSIONS:
        return found is not None and isinstance(found.data, str)
    if len(path) > 1 and path[-1] in _WORDS:
        if found is None:
            return path[0].startswith(_DECLARATIONS)
        return _is_text(found, expected)
    if path[0].startswith(_RESOURCE) and path[1:2] == ("tags",) and found is not None:
        return _adds_tags(found, expected)
    return False


def _is_text(found: Node, expected: Node | None) -> bool:
    """Returns whether words take the place of words, with no other values in them."""
    if expected is not None and not expected.kind.startswith('"'):
        return False
    known = set(_INTERPOLATION.findall(expected.kind)) if expected else set()
    rest = _INTERPOLATION.sub("", found.kind)
    is_text = found.kind.startswith('"') and not re.search(r"[$%]\{", rest)
    return is_text and set(_INTERPOLATION.findall(found.kind)) <= known


def _adds_tags(found: Node, expected: Node | None) -> bool:
    """Returns whether tags are those that are expected and literal ones before them."""
    if expected is not None:
        return _LITERAL_TAGS.sub("", found.kind) == _LITERAL_TAGS.sub("", expected.kind)
    if isinstance(found.data, Mapping):
        return all(isinstance(value, str) for value in found.data.values())
    return isinstance(found.data, str)


def _told(pair: Pair) -> str:
    what = ".".join(pair.path)
    if pair.found is None:
        return f"custom templates omit {what}"
    span = pair.found.span
    if pair.expected is None:
        return f"custom templates add {what}; {span.file}:{span.line}"
    return (
        f"custom templates change {what} from {_value(pair.expected)} to {_value(pair.found)}; "
        f"{span.file}:{span.line}"
    )


def _value(node: Node) -> str:
    return shown(node.data) if node.data is not BLOCK else "a block"
