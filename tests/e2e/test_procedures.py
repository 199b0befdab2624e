"""The page about what moves and comes back is followed as it stands, and no value is lost.

The specs, their edits and the commands are those of the page and of the README that it names. The
test adds what a page cannot know: the first values, what somebody writes meanwhile, the ids that
AWS gives, and the state that is lost.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest

from tests.docs.replay import TITLE, put
from tests.docs.support import PARSER, SHELLS
from tests.harness.aws import REGION, REPOSITORY, LocalAws
from tests.harness.calls import Call
from tests.harness.desk import Desk
from tests.harness.terraform import Terraform

pytestmark = [pytest.mark.terraform, pytest.mark.slow(seconds=240)]

PAGE = REPOSITORY / "docs/how-to/rename-move-restore.md"
RENDER = re.compile(r"\b[Rr]ender and apply(?: `([\w-]+)`)?")
README = re.compile(r"\*([^*]+)\* in the README of the environment,\s+for `([^`]+)`")
ARN = re.compile(r"arn:aws:secretsmanager:us-east-1:\d{12}:secret:(\S+?)-AbCdEf")
KEY = re.compile(r"(?<=to: secrets\.)(\S+)(\.kms_key, id: )[0-9a-f-]{36}")
SECTION = re.MULTILINE | re.DOTALL
WEST, EUROPE = "us-west-2", "eu-west-1"
READERS = "111111111111"


@dataclass
class Reader:
    """Somebody who follows the page."""

    aws: LocalAws
    project: Path
    scratch: Path
    desk: Desk
    values: dict[str, str] = field(default_factory=dict)
    apply: str = ""
    environment: str = "shop"
    roles: dict[str, str] = field(default_factory=dict)

    def follow(self, text: str) -> Iterator[str]:
        """Does what a page says; yields each heading before what is below it."""
        for token, inside in _tokens(text):
            if token == "heading":
                yield inside
            elif token == "text":
                self._read(inside)
            elif token.partition(" ")[0] in SHELLS:
                if self.apply:
                    self.run(inside)
                else:
                    self.apply = inside
            elif titled := TITLE.search(token):
                put(self.project / titled[1], token.split()[0], self._with_ids(inside))

    def _read(self, text: str) -> None:
        for section, secret in README.findall(text):
            readme = self.project / "environments/shop/README.md"
            (found,) = re.findall(
                rf"^###? {section}$(.*?)(?=^###? )", readme.read_text("utf-8"), SECTION
            )
            script = "\n".join(re.findall(r"^```sh\n(.*?)^```$", found, SECTION))
            script = re.sub(r"^SECRET=.*$", f"SECRET={secret}", script, flags=re.MULTILINE)
            self._answered(script, secret)
        for environment in RENDER.findall(text):
            self.environment = environment or self.environment
            if self.apply:
                self.run(f"ENVIRONMENT={self.environment}\n{self.apply}")
                self._nothing_changes()

    def _answered(self, script: str, secret: str) -> None:
        """Runs a section of the README; during a failover somebody writes a value."""
        promote, stopped, back = script.partition("stop-replication-to-replica")
        if not stopped:
            self.run(script, "environments/shop")
            return
        line, _, back = back.partition("\n")
        self.run(f"{promote}{stopped}{line}", "environments/shop")
        assert self.aws.secret_value(secret, WEST) == self.values[secret]
        self.put(secret, "written meanwhile", WEST)
        assert self.aws.secret_value(secret) != self.values[secret]
        names = "\n".join(re.findall(r"^(?:SECRET|REPLICA_REGION)=.*$", promote, re.MULTILINE))
        self.aws.record()
        self.run(f"{names}\n{back}", "environments/shop")
        assert not {"kms:CreateKey", "kms:ScheduleKeyDeletion"} & set(map(str, self.calls()))
        assert self.aws.secret_value(secret, WEST) == self.values[secret]
        self._nothing_changes()

    def calls(self) -> list[Call]:
        """What Terraform has called since the recording began."""
        return self.aws.recorded()

    def run(self, script: str, folder: str = ".") -> None:
        """Runs commands of the page, with the credentials of the account whose folder they name."""
        account = READERS if "/consumers/" in script else self.aws.account
        self.desk.run(script, folder, account)

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

    def _nothing_changes(self) -> None:
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


@pytest.fixture
def reader(tmp_path: Path, scratch: Path, aws: LocalAws) -> Reader:
    project = tmp_path / "project"
    project.mkdir()
    aws.create_state_backend("shop-terraform-state")
    return Reader(aws, project, scratch, Desk(aws, project, scratch))


def test_the_page_loses_no_value(reader: Reader) -> None:
    done = []
    for heading in reader.follow(PAGE.read_text("utf-8")):
        done.append(heading)
        _before(heading, reader)
    assert len(done) == 13
    assert reader.aws.secret_value("shop/token", EUROPE) == "token-3f9c\n"
    with pytest.raises(Exception, match="marked deleted"):
        reader.aws.secret_value("shop/token")


def _before(heading: str, reader: Reader) -> None:
    """What happens before a section is followed, and what the sections before must have done."""
    aws = reader.aws
    if heading == "Rename a secret":
        reader.run(f"ENVIRONMENT=shop\n{reader.apply}")
        reader.put("shop/token", "token-3f9c\n")
        reader.put("shop/orders", "orders-3f9c")
    elif heading == "Remove a secret":
        reader.values["shop/api-token"] = "token-3f9c\n"
        del reader.values["shop/token"]
    elif heading == "Restore a deleted secret":
        assert reader.state_of_key(reader.key("shop/token")) == "PendingDeletion"
        reader.values["shop/token"] = "token-3f9c\n"
    elif heading == "Rename an account":
        reader.roles = _roles(aws)
    elif heading == "Move a secret to another environment":
        assert reader.roles
        assert _roles(aws) == reader.roles
    elif heading == "Rebuild a lost state":
        aws.client("s3").delete_object(
            Bucket="shop-terraform-state", Key="vault/secrets/terraform.tfstate"
        )
    elif heading == "Move an environment to another Region":
        reader.values = {"shop/token": reader.values["shop/token"]}


def _roles(aws: LocalAws) -> dict[str, str]:
    """The id of each role that reads: another one would be another role."""
    found = aws.in_account(READERS).client("iam").list_roles()["Roles"]
    return {role["RoleName"]: role["RoleId"] for role in found}
