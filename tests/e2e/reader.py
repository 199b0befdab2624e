"""Somebody who follows a page of the documentation with Terraform and the local AWS."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from tests.docs.replay import TITLE, put
from tests.docs.support import PARSER, SHELLS
from tests.harness.aws import REGION, LocalAws
from tests.harness.terraform import Run, Terraform

RENDER = re.compile(r"\b[Rr]ender and apply(?: `([\w-]+)`)?")
ARN = re.compile(r"arn:aws:secretsmanager:us-east-1:\d{12}:secret:(\S+?)-AbCdEf")
KEY = re.compile(r"(?<=to: secrets\.)(\S+)(\.kms_key, id: )[0-9a-f-]{36}")


@dataclass
class Reader:
    """Somebody who follows a page.

    Attributes:
        aws: the local AWS.
        project: the project, at whose root the commands are run.
        scratch: a folder outside of it.
        readers: the account whose credentials commands about `consumers/` and roles get.
        values: the value that each secret must have.
        apply: what *Render and apply* stands for: the first commands of the page.
        environment: the one that is applied.
        given: what the page asks for by a variable of the shell.
        endpoint: where AWS is looked for, if not at the local one.
        last: the last script that was run.
    """

    aws: LocalAws
    project: Path
    scratch: Path
    readers: str
    values: dict[str, str] = field(default_factory=dict)
    apply: str = ""
    environment: str = "shop"
    given: dict[str, str] = field(default_factory=dict)
    endpoint: str = ""
    last: Run | None = None

    def follow(self, text: str) -> Iterator[str]:
        """Does what a page says; yields each heading before what is below it."""
        for token, inside in _tokens(text):
            if token == "heading":
                yield inside
            elif token == "text":
                self.read(inside)
            elif token.partition(" ")[0] in SHELLS:
                if self.apply:
                    self.run(inside)
                else:
                    self.apply = inside
            elif titled := TITLE.search(token):
                put(self.project / titled[1], token.split()[0], self._with_ids(inside))

    def read(self, text: str) -> None:
        """Does what a paragraph asks for."""
        for environment in RENDER.findall(text):
            self.environment = environment or self.environment
            if self.apply:
                self.run(f"ENVIRONMENT={self.environment}\n{self.apply}")
                self.nothing_changes()

    def run(self, script: str, folder: str = ".") -> None:
        """Runs commands of the page, with the credentials of the account whose folder they name."""
        of_readers = any(word in script for word in ("/consumers/", "aws iam "))
        account = self.readers if of_readers else self.aws.account
        environment = self.aws.in_account(account).environment()
        if self.endpoint:
            environment |= {"AWS_ENDPOINT_URL": self.endpoint, "AWS_MAX_ATTEMPTS": "1"}
        given = "".join(f"export {name}='{value}'\n" for name, value in self.given.items())
        shell = Terraform(self.project / folder, self.scratch, environment=environment)
        self.last = shell.shell(f"{given}{script}")

    def put(self, name: str, value: str, region: str = REGION) -> None:
        """Somebody writes a value."""
        client = self.aws.client("secretsmanager", region)
        client.put_secret_value(SecretId=name, SecretString=value)
        self.values[name] = value

    def _with_ids(self, text: str) -> str:
        """A text of the page with the ids of this AWS in place of the examples."""
        text = ARN.sub(lambda match: str(self._described(match[1])["ARN"]), text)
        return KEY.sub(lambda match: match[1] + match[2] + self.key(match[1]), text)

    def _described(self, name: str) -> dict[str, object]:
        found: dict[str, object] = self.aws.client("secretsmanager").describe_secret(SecretId=name)
        return found

    def key(self, name: str) -> str:
        """The id of the key of a secret."""
        return str(self._described(name)["KmsKeyId"]).rpartition("/")[2]

    def state_of_key(self, key: str) -> str:
        """Whether a key can be used."""
        return str(self.aws.client("kms").describe_key(KeyId=key)["KeyMetadata"]["KeyState"])

    def nothing_changes(self) -> None:
        """Another plan is empty, each value is as it must be, and each key can be used."""
        folder = self.project / "environments" / self.environment
        Terraform(folder, self.scratch, environment=self.aws.environment()).assert_no_changes()
        for name, value in self.values.items():
            assert self.aws.secret_value(name) == value, name
            assert self.state_of_key(self.key(name)) == "Enabled", name


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """Headings, paragraphs and blocks, in the order of the page."""
    tokens = PARSER.parse(text)
    for before, token in pairwise(tokens):
        if token.type == "inline":
            yield ("heading" if before.type == "heading_open" else "text"), token.content
        elif token.type == "fence":
            yield token.info, token.content
