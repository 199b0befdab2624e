"""The picture as Mermaid text, for Markdown that is shown on GitHub and elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from secretgen.insight.diagram.picture import KeyKind, Picture, Row, picture
from secretgen.model.environment import Environment
from secretgen.model.words import counted

# Mermaid refuses a chart with more than 500 edges (its setting maxEdges); long before that,
# nobody can follow them.
_MOST_EDGES = 100
_MOST_SECRETS = 24

_SETTINGS = '%%{init: {"flowchart": {"wrappingWidth": 480}}}%%'

_PLAIN = re.compile(r"[\w ./:,+=@()-]")


class _Node(Struct, frozen=True):
    """A secret, or a whole group of them where there are too many.

    Args:
        id: its identifier in the chart.
        lines: its label.
        rows: the secrets that it stands for.
    """

    id: str
    lines: tuple[str, ...]
    rows: tuple[Row, ...]


def mermaid(environment: Environment) -> str:
    """Draws an environment as a Mermaid flowchart, without the fence around it."""
    content = picture(environment)
    return "\n".join(_lines(content)) + "\n"


def _lines(content: Picture) -> Iterator[str]:
    groups = _groups(content)
    nodes = [node for _, members in groups for node in members]
    edges = list(_edges(nodes, content))
    yield _SETTINGS
    yield "flowchart LR"
    yield f"  subgraph account[{_label(f'{content.environment}, account {content.account_id}')}]"
    yield f"    subgraph primary[{_label(content.region)}]"
    for name, number in _shared_keys(content).items():
        yield f"      key{number}{{{{{_label('key ' + name)}}}}}"
    for number, (title, members) in enumerate(groups):
        if title:
            yield f"      subgraph group{number}[{_label(title)}]"
        yield from (f"        {node.id}[{_label(*node.lines)}]" for node in members)
        if title:
            yield "      end"
    yield "    end"
    for region in content.replica_regions:
        yield f"    subgraph {_id(region)}[{_label(f'{region}, replicas')}]"
        for node in nodes:
            if _is_in(node, region):
                yield f"      {node.id}_{_id(region)}[{_label(node.lines[0])}]"
        yield "    end"
    yield "  end"
    for number, lane in enumerate(content.lanes):
        yield f"  reader{number}([{_label(lane.account, lane.account_id, lane.role)}])"
    yield from (f"  {edge}" for edge in edges)


def _groups(content: Picture) -> list[tuple[str, list[_Node]]]:
    edges = sum(len(r.lanes) + len(r.copies) + 1 for g in content.groups for r in g.rows)
    if content.secrets > _MOST_SECRETS or edges > _MOST_EDGES:
        if len(content.groups) > _MOST_SECRETS:
            rows = tuple(row for group in content.groups for row in group.rows)
            return [("", [_whole(0, "", rows)])]
        return [("", [_whole(n, g.title, g.rows)]) for n, g in enumerate(content.groups)]
    names = (f"secret{number}" for number in range(content.secrets))
    return [
        (group.title, [_Node(next(names), _about(row), (row,)) for row in group.rows])
        for group in content.groups
    ]


def _whole(number: int, title: str, rows: tuple[Row, ...]) -> _Node:
    return _Node(f"secrets{number}", (title or "Secrets", counted(len(rows), "secret")), rows)


def _about(row: Row) -> tuple[str, ...]:
    rotation = f"rotates {row.rotation}" if row.rotation else ""
    key = "" if row.key.kind is KeyKind.SHARED else row.key.label
    return (row.name, ", ".join(text for text in (key, rotation) if text))


def _shared_keys(content: Picture) -> dict[str, int]:
    rows = [row for group in content.groups for row in group.rows]
    names = sorted({row.key.label for row in rows if row.key.kind is KeyKind.SHARED})
    return {name: number for number, name in enumerate(names)}


def _edges(nodes: list[_Node], content: Picture) -> Iterator[str]:
    keys = _shared_keys(content)
    for node in nodes:
        shared = {row.key.label for row in node.rows if row.key.kind is KeyKind.SHARED}
        yield from (f"key{keys[name]} -.- {node.id}" for name in sorted(shared))
        for region in content.replica_regions:
            if _is_in(node, region):
                yield f"{node.id} -.-> {node.id}_{_id(region)}"
        readers = {reader for row in node.rows for reader in row.readers}
        writers = {writer for row in node.rows for writer in row.writers}
        # The longer arrow puts roles behind the replicas, not below them.
        arrow = "--->" if content.replica_regions else "-->"
        for role in sorted(readers | writers):
            does = "reads and writes" if role in readers else "writes"
            label = f"|{does}|" if role in writers else ""
            yield f"{node.id} {arrow}{label} reader{role}"


def _is_in(node: _Node, region: str) -> bool:
    return any(copy.region == region for row in node.rows for copy in row.copies)


def _id(region: str) -> str:
    return region.replace("-", "_")


def _label(*lines: str) -> str:
    """Quotes lines of text; whatever might be markup becomes a character reference."""
    encoded = (
        "".join(c if _PLAIN.fullmatch(c) else f"#{ord(c)};" for c in line) for line in lines if line
    )
    return f'"{"<br>".join(encoded)}"'
