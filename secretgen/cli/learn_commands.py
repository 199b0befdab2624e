"""Commands that teach: the rules, and the schema of the spec."""

import json
import textwrap
from typing import TYPE_CHECKING, Annotated

import typer

from secretgen.cli import completion
from secretgen.cli.console import print_text, width
from secretgen.cli.shared_options import TextOrJson
from secretgen.errors import UsageError

if TYPE_CHECKING:
    from secretgen.rules.rule import Rule


RuleFormatOption = Annotated[TextOrJson, typer.Option("--format", help="Output format.")]


def explain(
    rule: Annotated[
        str,
        typer.Argument(
            metavar="RULE", help="Id of the rule, such as SG305.", autocompletion=completion.rules
        ),
    ],
    output_format: RuleFormatOption = "text",
) -> None:
    """Explain what a rule reports and why, with a wrong and a right example."""
    from secretgen.rules.catalogue import all_rules
    from secretgen.rules.rule import like_id

    found = all_rules().get(rule.strip().upper())
    if found is None:
        similar = like_id(rule, all_rules())
        hint = f"Did you mean {similar}? " if similar else ""
        raise UsageError(f"no rule {rule!r}", f"{hint}`secretgen rules` lists them.")
    if output_format == "json":
        print_text(json.dumps(_data(found), indent=2) + "\n")
        return
    kind = f"{found.severity}{', ' * bool(found.can_be_ignored)}{found.can_be_ignored}"
    parts = [
        f"{found.id}: {found.summary} ({kind})",
        *textwrap.wrap(found.why, min(width(), 88), break_on_hyphens=False),
    ]
    if found.before:
        parts += ["", "Before:", "", textwrap.indent(found.before, "    ").rstrip()]
    if found.example:
        parts += ["", "Wrong:", "", textwrap.indent(found.wrong, "    ").rstrip()]
        parts += ["", "Right:", "", textwrap.indent(found.right, "    ").rstrip()]
    print_text("\n".join([*parts, "", f"Source: {found.source}", ""]))


def rules(
    output_format: RuleFormatOption = "text",
) -> None:
    """List every rule."""
    from secretgen.rules.catalogue import all_rules

    every = all_rules().values()
    if output_format == "json":
        print_text(json.dumps({"rules": [_data(rule) for rule in every]}, indent=2) + "\n")
        return
    lines = [
        f"{rule.id}  {rule.severity:<7}  {rule.summary}"
        f"{f' ({words})' if (words := rule.can_be_ignored) else ''}\n"
        for rule in every
    ]
    print_text("".join(lines))


def _data(rule: "Rule") -> dict[str, str | bool]:
    return {
        "id": rule.id,
        "severity": rule.severity,
        "summary": rule.summary,
        "ignorable": rule.ignorable,
        "ignorable_of": ", ".join(kind.value for kind in rule.of),
        "allowed_by": ", ".join(rule.verbs),
        "why": rule.why,
        "before": rule.before,
        "wrong": rule.wrong,
        "right": rule.right,
        "source": rule.source,
    }


def schema(
    *,
    part: Annotated[bool, typer.Option("--part", help="The schema of parts.")] = False,
) -> None:
    """Print the JSON Schema of the spec or of parts, for editors."""
    from secretgen.spec.json_schema import json_schema, part_json_schema

    print_text(json.dumps(part_json_schema() if part else json_schema(), indent=2) + "\n")
