"""The page about what moves and comes back is followed as it stands, and no value is lost.

The specs, their edits and the commands are those of the page and of the README that it names. The
test adds what a page cannot know: the first values, what somebody writes meanwhile, the ids that
AWS gives, and the state that is lost.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.acceptance.remains import delete_bucket
from tests.e2e.reader import Reader
from tests.harness.aws import REPOSITORY, LocalAws
from tests.harness.calls import Call

pytestmark = [pytest.mark.terraform, pytest.mark.slow(seconds=120)]

PAGE = REPOSITORY / "docs/how-to/rename-move-restore.md"
README = re.compile(r"\*([^*]+)\* in the README of the environment,\s+for `([^`]+)`")
SECTION = re.MULTILINE | re.DOTALL
WEST, EUROPE = "us-west-2", "eu-west-1"
READERS = "111111111111"


@dataclass
class Mover(Reader):
    """Somebody who follows the page, and the README that it names."""

    roles: dict[str, str] = field(default_factory=dict)

    def read(self, text: str) -> None:
        """Does what a paragraph asks for, sections of the README included."""
        for section, secret in README.findall(text):
            readme = self.project / "environments/shop/README.md"
            (found,) = re.findall(
                rf"^###? {section}$(.*?)(?=^###? )", readme.read_text("utf-8"), SECTION
            )
            script = "\n".join(re.findall(r"^```sh\n(.*?)^```$", found, SECTION))
            script = re.sub(r"^SECRET=.*$", f"SECRET={secret}", script, flags=re.MULTILINE)
            self._answered(script, secret)
        super().read(text)

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
        self.nothing_changes()

    def calls(self) -> list[Call]:
        """What Terraform has called since the recording began."""
        return self.aws.recorded()


@pytest.fixture
def reader(tmp_path: Path, scratch: Path, aws: LocalAws) -> Mover:
    project = tmp_path / "project"
    project.mkdir()
    aws.create_state_backend("shop-terraform-state")
    return Mover(aws, project, scratch, READERS)


def test_documented_procedures_lose_no_value(reader: Mover) -> None:
    done = []
    for heading in reader.follow(PAGE.read_text("utf-8")):
        done.append(heading)
        _before(heading, reader)
    assert len(done) == 13
    assert reader.aws.secret_value("shop/token", EUROPE) == "token-3f9c\n"
    with pytest.raises(Exception, match="marked deleted"):
        reader.aws.secret_value("shop/token")


def _before(heading: str, reader: Mover) -> None:
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
        delete_bucket(aws.client("s3"), "shop-terraform-state")
    elif heading == "Move an environment to another Region":
        reader.values = {"shop/token": reader.values["shop/token"]}


def _roles(aws: LocalAws) -> dict[str, str]:
    """The id of each role that reads: another one would be another role."""
    found = aws.in_account(READERS).client("iam").list_roles()["Roles"]
    return {role["RoleName"]: role["RoleId"] for role in found}
