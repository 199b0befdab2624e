"""Divides the text of a spec: what environments share goes into a part."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

from secretgen.errors import UsageError
from secretgen.model.environment import Partition
from secretgen.scaffold.answers import Answers
from secretgen.spec.aws_formats import PARTITION_OF_REGION
from secretgen.spec.yaml_nodes import Mapping as Fields
from secretgen.spec.yaml_nodes import Scalar, entries_in, field_of

PART = "parts/shared.yaml"
"""Where the part is written."""

INPUT = "environment"
_SHARED = ("required_tags", "monitoring", "keys", "defaults", "secrets")
_COPIED = ("accounts", "tags")
_WORD = "[A-Za-z0-9-]"
_HEAD = f"""\
# yaml-language-server: $schema=../{{schema}}
# What the environments share: a change here changes each of them.
version: 1
inputs:
  {INPUT}: {{{{ description: Name of the environment }}}}

"""


class Divided(Struct, frozen=True):
    """The texts of two environments that share a part.

    Args:
        spec: the spec that was there, which includes the part now.
        part: the part; None if the spec includes parts already.
        new: the spec of the new environment.
    """

    spec: str
    part: str | None
    new: str


def divide(
    text: str, root: Fields, answers: Answers, ids: Mapping[str, str], schema: str
) -> Divided:
    """Divides a spec, and writes the spec of another environment.

    The name of the environment in what is shared becomes an input. A spec that includes parts
    stays as it is, and the other environment includes the same parts.

    Args:
        text: the spec.
        root: the same as nodes.
        answers: what is known of the other environment.
        ids: ids of the reader accounts in the other environment, by their names in the spec.
        schema: path of the JSON Schema of parts.

    Raises:
        UsageError: the spec does not have each of its fields on lines of its own.
    """
    sections = _sections(text, root)
    name = field_of(root, "environment")
    environment = name.text if isinstance(name, Scalar) else ""
    before = f"(?<!{_WORD}){re.escape(environment)}(?!{_WORD})"
    included = sections.get("include")
    shared = [] if included else [key for key in sections if key in _SHARED]
    part = None
    spec = text
    if not included:
        body = "".join(sections[key] for key in shared)
        escaped = re.sub(r"\$(?=\([A-Za-z])", "$$", body)
        part = _HEAD.format(schema=schema) + re.sub(before, f"$({INPUT})", escaped)
        for key in shared:
            spec = spec.replace(sections[key], "", 1)
        include = "include:\n  - {{ file: {}, inputs: {{ {}: {} }} }}\n"
        included = include.format(PART, INPUT, environment)
        own = sections["environment"]
        line, blank = own.rstrip("\n") + "\n", own[len(own.rstrip("\n")) + 1 :]
        spec = spec.replace(own, line + included + blank, 1)
    copied = "".join(_with_ids(sections[key], root, ids) for key in _COPIED if key in sections)
    rest = re.sub(before, answers.environment, included.rstrip("\n") + "\n\n{aws}\n" + copied)
    head = f"version: 1\nenvironment: {answers.environment}\n"
    return Divided(
        spec.rstrip("\n") + "\n",
        part,
        head + rest.replace("{aws}", _account(answers)).rstrip("\n") + "\n",
    )


def _sections(text: str, root: Fields) -> dict[str, str]:
    """Returns the lines of each field, with the comments above it."""
    lines = text.splitlines(keepends=True)
    starts: list[tuple[str, int]] = []
    for key, _ in root.entries:
        if key.span.column != 1 or (starts and starts[-1][1] >= key.span.line):
            raise UsageError(
                "the spec cannot be split: its fields are not on separate lines",
                "Write each field of the spec on a line of its own, or leave out --share.",
            )
        first = key.span.line
        while first > 1 and lines[first - 2].startswith("#") and starts:
            first -= 1
        starts.append((key.text, first))
    ends = [start - 1 for _, start in starts[1:]] + [len(lines)]
    pairs = zip(starts, ends, strict=True)
    return {name: "".join(lines[start - 1 : end]) for (name, start), end in pairs}


def _with_ids(section: str, root: Fields, ids: Mapping[str, str]) -> str:
    """Puts other ids into the accounts of a section."""
    for key, account in entries_in(field_of(root, "accounts")):
        old = field_of(account, "id")
        if key.text in ids and isinstance(old, Scalar):
            section = section.replace(old.text, ids[key.text])
    return section


def _account(answers: Answers) -> str:
    partition = PARTITION_OF_REGION.get(answers.region, Partition.AWS)
    other = "" if partition is Partition.AWS else f", partition: {partition}"
    return (
        f'aws: {{ account_id: "{answers.account_id}", region: {answers.region}{other} }}\n'
        f"backend: {{ bucket: {answers.state_bucket}, locking: s3 }}\n"
    )
