"""Commands that show what an environment means: access, cost, diagram, show."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from secretgen.cli import completion
from secretgen.cli.command_context import format_of, project
from secretgen.cli.console import note, print_text, table_width, write_file
from secretgen.cli.environments import SecretOption, SpecArgument, holding, print_each, valid_specs
from secretgen.cli.shared_options import FORMAT, RootOption, TextOrJson
from secretgen.errors import UsageError

if TYPE_CHECKING:
    from secretgen.spec.load import LoadedSpec

_MERMAID_COMMENT = "%% "
FormatOption = Annotated[TextOrJson | None, FORMAT]
_ComparisonFormat = Literal["text", "json", "markdown"]
_DiagramFormat = Literal["mermaid", "svg", "json"]


def show(
    spec: SpecArgument = None,
    root: RootOption = None,
    secret: SecretOption = "",
    output_format: FormatOption = None,
) -> None:
    """Show the resolved environment, and where each setting comes from."""
    from secretgen.insight.show import settings_of
    from secretgen.insight.show_formats import settings_json, settings_text, with_places

    config = project(root, specs=[spec])
    written_as: TextOrJson = format_of(output_format, config, TextOrJson)

    def write(loaded: "LoadedSpec") -> str:
        settings = with_places(settings_of(*loaded.parts, secret), loaded)
        as_json = written_as == "json"
        return settings_json(settings) if as_json else settings_text(settings, table_width())

    print_each(holding(valid_specs(config, spec, written_as), secret), written_as, write)


SideArgument = Annotated[
    Path, typer.Argument(metavar="SPEC", help="A spec.", autocompletion=completion.specs)
]


def compare(
    left: SideArgument,
    right: SideArgument,
    root: RootOption = None,
    output_format: Annotated[_ComparisonFormat | None, FORMAT] = None,
) -> None:
    """Compare two environments: what one lacks, and what differs beyond the inputs of parts."""
    from secretgen.insight import side_by_side as sides

    config = project(root, specs=[left])
    written_as: _ComparisonFormat = format_of(output_format, config, _ComparisonFormat)
    (one,), (other,) = (valid_specs(config, spec, written_as) for spec in (left, right))
    write = {
        "text": sides.comparison_text,
        "json": sides.comparison_json,
        "markdown": sides.comparison_markdown,
    }[written_as]
    print_text(write(sides.side_by_side(one, other)))


def roots(
    spec: SpecArgument = None,
    root: RootOption = None,
    kind: Annotated[
        Literal["bootstrap", "environment", "consumer"] | None,
        typer.Option(help="Root modules of one kind only.", show_default=False),
    ] = None,
    output_format: FormatOption = None,
) -> None:
    """List the root modules with their order, account, role and Region."""
    from secretgen.insight.root_modules import root_modules, roots_json, roots_text

    config = project(root, specs=[spec])
    written_as: TextOrJson = format_of(output_format, config, TextOrJson)
    specs = valid_specs(config, spec, written_as)
    environments = [(loaded.file, loaded.parts[1]) for loaded in specs]
    every = root_modules(environments, config.layout, config.plan_role)
    found = [module for module in every if kind is None or module.root.kind == kind]
    as_json = written_as == "json"
    print_text(roots_json(found) if as_json else roots_text(found, table_width()))


def cost(
    spec: SpecArgument = None,
    root: RootOption = None,
    prices: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Your own prices, as a JSON file.")
    ] = None,
    compare: Annotated[
        str, typer.Option(metavar="SPEC|REF", help="Another spec, or a Git revision of this one.")
    ] = "",
    output_format: FormatOption = None,
) -> None:
    """Estimate what an environment costs in a month, line by line."""
    from secretgen.insight.cost import cost_formats
    from secretgen.insight.cost import estimate as costs
    from secretgen.usecases import inspection

    config = project(root, specs=[spec])
    table = inspection.price_table(prices)
    written_as: TextOrJson = format_of(output_format, config, TextOrJson)
    as_json = written_as == "json"

    def write(loaded: "LoadedSpec") -> str:
        _, environment = loaded.parts
        if compare:
            before = inspection.other_environment(config, loaded, compare)
            comparison = costs.compare(before, environment, table)
            if as_json:
                return cost_formats.comparison_json(comparison)
            return cost_formats.comparison_text(comparison, table_width())
        estimated = costs.estimate(environment, table)
        if as_json:
            return cost_formats.estimate_json(estimated)
        return cost_formats.estimate_text(estimated, table_width())

    print_each(valid_specs(config, spec, written_as), written_as, write)
    if not as_json and not compare:
        note("Estimate only; the AWS bill is authoritative.\n")


def diagram(
    spec: SpecArgument = None,
    root: RootOption = None,
    output_format: Annotated[
        _DiagramFormat | None,
        typer.Option("--format", help="Output format.", show_default="mermaid"),
    ] = None,
    svg: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the diagram to FILE as SVG.")
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write an HTML page to FILE: diagram, access and cost."),
    ] = None,
) -> None:
    """Draw accounts, Regions, keys, secrets, readers and rotation."""
    from secretgen.access.access_report import access_report
    from secretgen.insight.cost.estimate import estimate
    from secretgen.insight.diagram.mermaid import mermaid
    from secretgen.insight.diagram.svg import svg as picture
    from secretgen.insight.page.html import page
    from secretgen.usecases import inspection

    config = project(root, specs=[spec])
    written_as: _DiagramFormat = format_of(output_format, config, _DiagramFormat)
    specs = valid_specs(config, spec, written_as)
    if (svg or html or written_as == "svg") and len(specs) > 1:
        raise UsageError("a picture or a page shows one environment", "Name the spec.")
    for loaded in specs:
        _, environment = loaded.parts
        if svg:
            write_file(svg, picture(environment))
        if html:
            estimated = estimate(environment, inspection.price_table(None))
            write_file(html, page(environment, access_report(environment), estimated))
    if svg or html:
        return

    def write(loaded: "LoadedSpec") -> str:
        _, environment = loaded.parts
        if written_as == "json":
            return json.dumps({
                "environment": environment.name,
                "mermaid": mermaid(environment),
                "svg": picture(environment),
            }, indent=2) + "\n"  # fmt: skip
        as_picture = written_as == "svg"
        return picture(environment) if as_picture else mermaid(environment)

    print_each(specs, written_as, write, _MERMAID_COMMENT)
