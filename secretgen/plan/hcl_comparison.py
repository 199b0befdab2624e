"""The HCL that a plan was made of, where the plan says only what an expression refers to.

The configuration in a plan names what an expression refers to, and not what it does with it:
`replace(aws_iam_policy.x.arn, "a", "b")` looks like `aws_iam_policy.x.arn`. Values of locals are
not in it at all.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from secretgen.hcl.decode import parse
from secretgen.hcl.evaluation.expression_references import references
from secretgen.hcl.evaluation.expression_tree import Expression, NotEvaluatedError
from secretgen.hcl.tokens import HclSyntaxError
from secretgen.plan.module_blocks import Arguments, ModuleBlocks, blocks_of
from secretgen.plan.rendered import RenderedFiles


class HclDifference(Struct, frozen=True):
    """What is written otherwise than rendered.

    Args:
        file: the file.
        address: address of the block in its module; empty for the file as a whole.
        argument: the argument, with the blocks around it.
        summary: how it differs, to complete "kms_key_id of module.x …".
    """

    file: str
    address: str
    argument: str
    summary: str


_Key = tuple[str, str]


def hcl_differences(
    rendered: RenderedFiles, folders: Iterable[str], disk: Mapping[str, str | None]
) -> Iterator[HclDifference]:
    """Yields what the files on disk do otherwise with what they refer to.

    Args:
        rendered: the files as rendered.
        folders: the folders of the root module and of the modules that it calls.
        disk: texts of the sources of Terraform in these folders, by path; None for what cannot be
            read.
    """
    for folder in sorted(folders):
        yield from _folder(folder, rendered, disk)


def _folder(
    folder: str, rendered: RenderedFiles, disk: Mapping[str, str | None]
) -> Iterator[HclDifference]:
    wanted = rendered.texts(folder)
    found = {path: text for path, text in disk.items() if posixpath.dirname(path) == folder}
    for path in sorted(wanted.keys() - found.keys()):
        blocks = _module(path, wanted[path])
        if blocks.unplanned or any(_expressions(blocks)):
            yield HclDifference(path, "", "", "is rendered, but missing")
    differing: list[tuple[str, ModuleBlocks]] = []
    for path, text in sorted(found.items()):
        if text is not None and path in wanted and _same(wanted[path], text):
            continue
        read = None if text is None else _read(path, text)
        if read is None:
            yield HclDifference(path, "", "", "cannot be compared with what is rendered")
        else:
            differing.append((path, read))
    if differing:
        yield from _different_expressions(rendered.module(folder), differing)
        as_rendered = [(p, _module(p, wanted[p])) for p, _ in differing if p in wanted]
        yield from _different_blocks(rendered.module(folder), as_rendered, differing)


def _different_expressions(
    wanted: ModuleBlocks, differing: Sequence[tuple[str, ModuleBlocks]]
) -> Iterator[HclDifference]:
    given = [(path, dict(_expressions(blocks))) for path, blocks in differing]
    for key, expression in _expressions(wanted):
        for path, expressions in given:
            if expressions.get(key, expression) != expression:
                yield HclDifference(path, *key, "is not what is rendered from the spec")


def _different_blocks(
    wanted: ModuleBlocks,
    as_rendered: Sequence[tuple[str, ModuleBlocks]],
    differing: Sequence[tuple[str, ModuleBlocks]],
) -> Iterator[HclDifference]:
    """Yields the blocks of which a plan shows nothing: added, changed or missing ones."""
    for path, blocks in differing:
        for key, block in blocks.unplanned.items():
            if wanted.unplanned.get(key) != block:
                yield HclDifference(path, key, "", "is not what is rendered from the spec")
    given = {key for _, blocks in differing for key in blocks.unplanned}
    for path, blocks in as_rendered:
        for key in blocks.unplanned.keys() - given:
            yield HclDifference(path, key, "", "is rendered, but missing")


def _read(path: str, text: str) -> ModuleBlocks | None:
    """Returns the blocks of a file; None for JSON, and for HCL that is not supported."""
    if path.endswith(".json"):
        return None
    try:
        blocks = _module(path, text)
        tuple(_expressions(blocks))
    except (HclSyntaxError, NotEvaluatedError, LookupError, TypeError, ValueError):
        return None
    return blocks


def _module(path: str, text: str) -> ModuleBlocks:
    return blocks_of(posixpath.dirname(path), [parse(text, path)])


def _same(rendered: str, text: str) -> bool:
    """Returns whether a file is the rendered one below its header."""
    header = text.removesuffix(rendered)
    is_whole = len(header) + len(rendered) == len(text)
    return is_whole and all(line.startswith("#") or not line for line in header.splitlines())


def _expressions(blocks: ModuleBlocks) -> Iterator[tuple[_Key, Expression]]:
    """Yields the expressions of which a plan does not hold all, by block and argument."""
    for name, value in blocks.locals.items():
        yield (f"local.{name}", ""), value
    for key, value in _all(blocks):
        if references(value):
            yield key, value


def _all(blocks: ModuleBlocks) -> Iterator[tuple[_Key, Expression]]:
    for name, value in blocks.outputs.items():
        yield (f"output.{name}", "value"), value
    for name, given in blocks.providers.items():
        yield from _arguments(f"provider.{name}", given)
    for address, resource in blocks.resources.items():
        yield from _arguments(address, resource.arguments)
    for label, call in blocks.calls.items():
        for name, value in call.values.items():
            yield (f"module.{label}", name), value


def _arguments(
    address: str, given: Arguments, around: str = ""
) -> Iterator[tuple[_Key, Expression]]:
    for name, value in given.values.items():
        yield (address, around + name), value
    for name, blocks in given.blocks.items():
        for number, block in enumerate(blocks):
            yield from _arguments(address, block, f"{around}{name}[{number}].")
    for name, dynamics in given.dynamic.items():
        for number, dynamic in enumerate(dynamics):
            inner = f"{around}{name}[{number}]."
            yield (address, f"{inner}for_each"), dynamic.for_each
            yield from _arguments(address, dynamic.content, inner)
