"""The desk of somebody who follows a page: a project, and a shell with all that the page calls."""

import re
from dataclasses import dataclass
from pathlib import Path

from tests.docs.support import PARSER, SHELLS
from tests.harness.aws import LocalAws
from tests.harness.terraform import Run, Terraform

PROMPT = re.compile(r"^\$ (.*)$", re.MULTILINE)


@dataclass
class Desk:
    """Where somebody works on a project.

    Attributes:
        aws: the AWS that commands reach.
        project: the folder of the project.
        scratch: the home folder; empty at first.
    """

    aws: LocalAws
    project: Path
    scratch: Path

    def __post_init__(self) -> None:
        """Installs the profile `production`."""
        settings = self.scratch / ".aws" / "config"
        settings.parent.mkdir()
        credentials = {k.lower(): v for k, v in self.aws.credentials().items()}
        lines = [f"{name} = {value}\n" for name, value in credentials.items()]
        settings.write_text("[profile production]\nregion = us-east-1\n" + "".join(lines))

    def run(self, script: str, folder: str = ".", account: str = "") -> Run:
        """Runs commands in a folder of the project, with the credentials of an account."""
        aws = self.aws.in_account(account or self.aws.account)
        shell = Terraform(self.project / folder, self.scratch, environment=aws.environment())
        return shell.shell(f"export AWS_DEFAULT_REGION=us-east-1\n{script}")


def commands(page: str, section: str, having: str) -> str:
    """The commands of the one block in a section of a page that have a text in them.

    Args:
        page: the page.
        section: its heading.
        having: the text.
    """
    typed = [
        "\n".join(PROMPT.findall(block)) or block
        for block in blocks(page, section, (*SHELLS, "console"))
    ]
    (found,) = [block for block in typed if having in block]
    return found


def blocks(page: str, section: str, kinds: tuple[str, ...]) -> list[str]:
    """The blocks of some kinds in a section of a page, whatever follows the kind of a block."""
    found, inside = [], False
    for token in PARSER.parse(page):
        if token.type == "inline" and token.level == 1 and token.content == section:
            inside = True
        elif token.type == "heading_open":
            inside = False
        elif token.type == "fence" and inside and token.info.split(" ")[0] in kinds:
            found.append(token.content)
    return found
