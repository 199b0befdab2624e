"""The page about all rules, from the rules themselves."""

import re
from itertools import groupby

from secretgen.rules.catalogue import all_rules
from secretgen.rules.rule import Rule

_INTRODUCTION = """\
# Rules

<!-- Generated from the rules; a test verifies that it is up to date. -->

`secretgen validate` checks a spec by the rules SG0 to SG4. `render`, `diff`, `check --base` and
`gate` check what a change does (SG5), and `audit` what is in AWS (SG6). `secretgen explain SG305`
shows one rule. An **error** in a spec keeps it from being rendered; a **warning** does
not, unless `--strict` is given. Examples are excerpts: the rest of the spec is valid.

`secretgen rules` lists which rules can be ignored. For a secret:

```yaml
secrets:
  app/key:
    ignore:
      - { rule: SG305, reason: Renewed by hand each year, until: 2027-03-01 }
```

For the environment, see [Allow a finding](../how-to/change-and-remove.md#allow-a-finding).
`until`, the last day, may be left out. An entry that has expired, or that is not needed, is
reported.
"""

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
_URL = re.compile(r"https://\S+")


def rules_page() -> str:
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


def grouped_rules() -> list[tuple[str, list[Rule]]]:
    """Returns all rules under headings, by id."""
    groups = groupby(
        all_rules().values(), lambda rule: _GROUPS.get(rule.id[:4]) or _GROUPS[rule.id[:3]]
    )
    return [(title, list(rules)) for title, rules in groups]
