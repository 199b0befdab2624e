"""Commands about templates of the user's own."""

from pathlib import Path
from typing import Annotated

import typer

from secretgen.cli import completion
from secretgen.cli.command_context import project
from secretgen.cli.console import note, print_text
from secretgen.cli.help import Command, Group
from secretgen.cli.shared_options import RootOption, TemplatesOption

app = typer.Typer(name="templates", cls=Group, no_args_is_help=True, rich_markup_mode=None)


@app.command("list", cls=Command)
def list_templates(root: RootOption = None, templates: TemplatesOption = None) -> None:
    """List the templates; your own are marked."""
    from secretgen.project.rendered_tree import own_templates
    from secretgen.render.overlay import template_names

    overlay = own_templates(project(root, templates))
    own = overlay.sources if overlay else {}
    print_text("".join(f"{n}{'  (own)' if n in own else ''}\n" for n in template_names()))


@app.command("eject", cls=Command)
def eject_templates(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME",
            help="Templates, or folders of them.",
            autocompletion=completion.templates,
        ),
    ],
    root: RootOption = None,
    to: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Where to copy them.",
            show_default="the folder of your custom templates, or else templates/",
        ),
    ] = None,
) -> None:
    """Copy templates into the project, to change them there; overwrite nothing."""
    from secretgen.usecases.ejecting import eject

    config = project(root)
    ejected = eject(config, names, to)
    print_text("".join(f"  create  {path}\n" for path in ejected.written))
    note("".join(f"{path} already exists; it is kept.\n" for path in ejected.kept))
    if config.templates is None:
        note(
            f'Use them with --templates {ejected.folder}, or permanently with templates = "'
            f'{ejected.folder}" in [tool.secretgen].\n'
        )


@app.command("views", cls=Command)
def describe_views() -> None:
    """Print what templates can use and change, as Markdown."""
    from secretgen.render.template_reference import templates_page

    print_text(templates_page())
