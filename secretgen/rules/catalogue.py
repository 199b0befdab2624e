"""All rules, and what is told about them: for `explain` and `rules`, and the page in the docs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from itertools import groupby
from pathlib import Path
from pkgutil import iter_modules

from secretgen.rules.rule import Rule, like_id

_GROUPS = {
    "SG0": "Reading the file",
    "SG1": "Shape",
    "SG2": "Limits of AWS",
    "SG3": "Security",
    "SG4": "Meaning",
    "SG48": "Changes",
    "SG49": "Parts of a spec",
    "SG5": "What a change does",
    "SG6": "A live account",
}
"""Titles of the groups, by how the ids of their rules begin."""


def each_rule() -> Iterator[Rule]:
    """Yields the rules of every module of this package whose name ends like that of rules."""
    for found in iter_modules([str(Path(__file__).parent)]):
        if found.name.endswith("_rules"):
            module = import_module(f"{__package__}.{found.name}")
            yield from getattr(module, "RULES", ())
            yield from (value for value in vars(module).values() if isinstance(value, Rule))


@cache
def all_rules() -> dict[str, Rule]:
    """Returns every rule by its id, sorted."""
    return {rule.id: rule for rule in sorted(each_rule(), key=lambda rule: rule.id)}


def grouped_rules() -> list[tuple[str, list[Rule]]]:
    """Returns all rules under headings, by id."""
    groups = groupby(
        all_rules().values(), lambda rule: _GROUPS.get(rule.id[:4]) or _GROUPS[rule.id[:3]]
    )
    return [(title, list(rules)) for title, rules in groups]


_INTRODUCTION = """\
# Rules

<!-- Generated from the rules; a test verifies that it is up to date. -->

`secretgen validate` reports what is wrong with a spec; `secretgen explain SG305` shows one of these
rules. **Errors** keep an environment from being rendered, **warnings** do not, unless `--strict`
is given. Examples are excerpts: the rest of the spec is as it should be.

Rules that say so below can be ignored for a secret:

```yaml
secrets:
  app/key:
    ignore:
      - { rule: SG305, reason: Renewed by hand each year, until: 2027-03-01 }
```

`until`, the last day, may be left out. An entry that has expired, or that is not needed, is
reported.
"""

_URL = re.compile(r"https://\S+")


def explain(rule_id: str) -> Rule | None:
    """Returns a rule by its id, in any case; None when there is no such rule."""
    return all_rules().get(rule_id.strip().upper())


def similar_id(rule_id: str) -> str:
    """Returns the id of a rule that was most likely meant, or an empty string."""
    return like_id(rule_id, all_rules())


def reference_page() -> str:
    """Returns the page about all rules, in Markdown."""
    sections = [_INTRODUCTION, _contents()]
    for title, rules in grouped_rules():
        sections.append(f"## {title}\n")
        sections += map(_section, rules)
    return "\n".join(sections)


def _contents() -> str:
    lines = ["| rule | | |", "| --- | --- | --- |"]
    lines += [
        f"| [{rule.id}](#{rule.id.lower()}) | {rule.severity} | {rule.summary} |"
        for rule in all_rules().values()
    ]
    return "\n".join(lines) + "\n"


def _section(rule: Rule) -> str:
    heading = f'<a id="{rule.id.lower()}"></a>{rule.id}: {rule.summary}'
    kind = f"{rule.severity.capitalize()}{'; ' * bool(rule.can_be_ignored)}{rule.can_be_ignored}."
    parts = [f"### {heading}\n", f"*{kind}* {rule.why}\n"]
    if rule.before:
        parts.append(f"Before:\n\n```yaml\n{rule.before}```\n")
    if rule.example:
        parts.append(f"Wrong:\n\n```yaml\n{rule.wrong}```\n")
        parts.append(f"Right:\n\n```yaml\n{rule.right}```\n")
    source = _URL.sub(lambda url: f"<{url.group()}>", rule.source)
    parts.append(f"Source: {source}\n")
    return "\n".join(parts)
