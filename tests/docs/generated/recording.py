"""A recording of a terminal, as SVG, from what the commands really print."""

import io
import re

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from tests.docs.shell import Shell

COMMANDS = """\
sed -i 's/us-west-2/us-wst-2/' specs/production.yaml
secretgen validate
sed -i 's/us-wst-2/us-west-2/' specs/production.yaml
secretgen check
sed -i 's/after_days = 30/after_days = 60/' environments/production/secrets.tf
secretgen check --no-diff
"""
COLUMNS = 100
ID = "recording"
READING_SECONDS = 1.6
THEME = TerminalTheme(
    (24, 26, 31),
    (208, 212, 220),
    [
        (60, 64, 72), (235, 100, 105), (125, 200, 130), (229, 185, 95),
        (105, 165, 240), (200, 140, 225), (90, 195, 205), (208, 212, 220),
    ],
)  # fmt: skip
# rich names fonts of the web; without them nothing is fetched to look at a picture.
WEB_FONT = re.compile(r"\s*@font-face \{.*?\}\n", re.DOTALL)
FONTS = "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace"


class Terminal(io.StringIO):
    """A stream that says that it is a terminal, so that it is given colours."""

    def isatty(self) -> bool:
        return True


def recording(shell: Shell) -> str:
    """Records a mistake in a spec that is found, and a change of the HCL by hand that is found.

    Args:
        shell: a shell that writes to a `Terminal`, in a rendered project.
    """
    console = Console(
        record=True,
        width=COLUMNS,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
    )
    shown_at: list[float] = []
    for step, command in enumerate(COMMANDS.splitlines()):
        text = Text.assemble(("$ ", "bold green"), (command, "bold"), "\n")
        text.append_text(Text.from_ansi((shell.run(command) or "").rstrip()))
        if text.plain.endswith("\n"):
            text.right_crop()
        lines = text.wrap(console, COLUMNS)
        console.print(*lines, sep="\n")
        shown_at += [step * READING_SECONDS] * len(lines)
    svg = WEB_FONT.sub("\n", console.export_svg(title="secretgen", theme=THEME, unique_id=ID))
    svg = svg.replace("Fira Code, monospace", FONTS)
    return svg.replace("</style>", f"{_animation(shown_at)}\n    </style>", 1)


def _animation(shown_at: list[float]) -> str:
    """Dims each line until its turn, so that the picture is readable before it plays."""
    rules = [
        f"[clip-path='url(#{ID}-line-{line})'] {{ animation: show 1ms {seconds:.1f}s both }}"
        for line, seconds in enumerate(shown_at)
        if seconds
    ]
    return "\n".join([
        "@keyframes show { from { opacity: 0.35 } }",
        "@media (prefers-reduced-motion: no-preference) {",
        *rules,
        "}",
    ])  # fmt: skip
