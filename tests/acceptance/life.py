"""An environment lives through a year, and its readers with it.

The first spec is applied, then each change of it as a person would make it: rendered in place, over
what was there before, and applied with the real Terraform, some together with the next one. A step
that is refused must leave every file as it was, and is taken back. After each step that is applied,
no value has changed but those meant to, every key under a living secret or replica is enabled, and
another plan is empty. At the end Terraform destroys what it manages.
"""

import contextlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from secretgen.cli import run
from tests.acceptance.checks import CHECKS
from tests.acceptance.report import Report
from tests.acceptance.subject import Subject
from tests.acceptance.year import Place, Spec, Year, merged, spec_text
from tests.harness.cloud import Aws
from tests.harness.cycle import Cycle, begin, prepare
from tests.harness.terraform import Terraform
from tests.rendered import tree

VARIABLE = re.compile(r'^variable "(\w+)"', re.MULTILINE)
CHANGE_RULE = re.compile(r"\[(SG5\d\d)\]")
MODULE = re.compile(r'^(?:module "\w+"|  source +=).*', re.MULTILINE)
ADDED = re.compile(r"Resources: (?:\d+ imported, )?(\d+) added")
FIRST, READERS, LAST = "the first apply", "the readers' accounts", "all of it is destroyed"
MOST_RESOURCES = 150


@dataclass
class Life:
    """The environment as it lives.

    Attributes:
        place: where.
        project: the project, in which Terraform works as well.
        aws: the AWS, seen from the account of the environment.
        cycle: the environment as it was applied first.
        spec: the spec as it was applied last.
        values: the value that each secret must have, for ever.
        created: how many resources Terraform has created.
        initialised: the layout that `terraform init` was run for.
        is_known: whether the state of Terraform says what is there: nothing changed elsewhere.
    """

    place: Place
    project: Path
    aws: Aws
    cycle: Cycle
    spec: Spec
    values: dict[str, str] = field(default_factory=dict)
    created: int = 0
    initialised: tuple[str, ...] = ()
    is_known: bool = False

    @property
    def terraform(self) -> Terraform:
        """Terraform in the folder of the environment, with credentials that are still valid."""
        self.cycle.terraform.environment = self.aws.environment()
        return self.cycle.terraform

    def initialise(self) -> None:
        """Run `terraform init` where it is needed: for another backend, or other modules."""
        if (layout := _layout(self.terraform.folder)) != self.initialised:
            self.terraform.init("-reconfigure")
            self.initialised = layout

    def apply(self) -> None:
        """Apply what is rendered.

        What a plan has just read on the local AWS, where nobody else works, is not read again.

        Raises:
            RuntimeError: more was created than a run may create.
        """
        options = ["-refresh=false"] if self.is_known and self.aws.shares_providers else []
        applied = self.terraform.apply(*options).text
        self.created += sum(map(int, ADDED.findall(applied)))
        if self.created > MOST_RESOURCES:
            raise RuntimeError(f"{self.created} resources created, more than {MOST_RESOURCES}")

    def put(self, name: str, value: str) -> None:
        """Somebody writes a value."""
        client = self.aws.client("secretsmanager", self.place.home)
        client.put_secret_value(SecretId=name, SecretString=value)
        self.values[name] = value


def titles(year: Year) -> list[str]:
    """What a life is to show, in its order."""
    checks, steps = (check.title for check in CHECKS), (step["title"] for step in year.steps)
    return [FIRST, READERS, *checks, *steps, LAST]


def live(
    place: Place, aws: Aws, project: Path, scratch: Path, report: Report, *, year: Year
) -> None:
    """Live through a year.

    Args:
        place: where.
        aws: the AWS, seen from the account of the environment.
        project: an empty folder.
        scratch: another one, outside of the project.
        report: gets the outcome of each step and each check.
        year: what happens.
    """
    report.expect(*titles(year))
    with report.step(FIRST):
        life = _begin(place, year.spec, aws, project, scratch)
    consumers = _look_at_first(life, scratch, report)
    for step in year.steps:
        if step.get("needs_service") and not aws.has_services:
            report.skip(step["title"], "needs a secret that an AWS service owns")
            continue
        with report.step(step["title"]):
            _take(life, step)
    with report.step(LAST):
        for consumer in consumers:
            consumer.environment = aws.in_account(consumer.scratch.name).environment()
            consumer.destroy()
        life.cycle.end()


def _look_at_first(life: Life, scratch: Path, report: Report) -> list[Terraform]:
    """Apply the folders of the readers and run the checks; returns those folders."""
    with report.step(READERS):
        consumers = list(_apply_consumers(life, scratch))
    subject = Subject(life.place, life.aws, life.cycle.terraform.folder, scratch)
    for check in CHECKS:
        if why := report.left_out.get(check.title) or check.missing(life.aws, life.place):
            report.skip(check.title, why)
        else:
            with report.check(check.title):
                check.run(subject)
    return consumers


def _begin(place: Place, spec: Spec, aws: Aws, project: Path, scratch: Path) -> Life:
    code, printed = _render(project, spec)
    assert code == 0, printed
    folder = project / "environments" / place.prefix
    prepare(aws, folder)
    if aws.has_services:
        aws.create_service_secret(place.service_secret)
    own = not aws.shares_providers
    cycle = begin(aws, folder, scratch, variables=_variables(folder), starts_providers=own)
    life = Life(place, project, aws, cycle, spec, initialised=_layout(folder))
    for name, fields in spec["secrets"].items():
        if "exclusive" in fields:
            continue
        if "value" in fields:
            assert aws.secret_value(name, place.home), f"the value of {name}"
        life.put(name, f"value of {name}")
    _assert_values_and_keys(life)
    return life


def _render(project: Path, spec: Spec) -> tuple[int, str]:
    """Write the spec and render it; returns the exit code and what was printed."""
    file = project / "specs/year.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(spec_text(spec), encoding="utf-8")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        code = run(["render", "--root", str(project)])
    return code, printed.getvalue()


def _variables(folder: Path) -> dict[str, str]:
    names = VARIABLE.findall((folder / "variables.tf").read_text(encoding="utf-8"))
    return {name: f"given for {name}" for name in names}


def _apply_consumers(life: Life, scratch: Path) -> Iterator[Terraform]:
    """Apply each folder of a reader in its account; their state stays in the folder."""
    for folder in sorted((life.cycle.terraform.folder / "consumers").iterdir()):
        account = life.place.account if folder.name == "data" else life.place.reader
        own = scratch / account
        own.mkdir()
        aws = life.aws.in_account(account)
        starts = not aws.shares_providers
        terraform = Terraform(folder, own, aws.environment(), starts_providers=starts)
        terraform.init()
        terraform.apply()
        terraform.assert_no_changes()
        yield terraform


def _layout(folder: Path) -> tuple[str, ...]:
    """What `terraform init` reads of a root module."""
    text = "\n".join(file.read_text("utf-8") for file in sorted(folder.glob("*.tf")))
    backend = (folder / "backend.tf").read_text("utf-8")
    return (backend, *MODULE.findall(text))


def _files(project: Path) -> dict[str, bytes]:
    """The generated files of the project."""
    return {
        path: data
        for path, data in tree(project).items()
        if not path.startswith("specs/") and ".terraform" not in path and "tfstate" not in path
    }


def _take(life: Life, step: dict[str, Any]) -> None:
    """Take one step of the year: render it, and apply what is rendered by then."""
    before, spec = _files(life.project), merged(life.spec, step["patch"])
    code, printed = _render(life.project, spec)
    assert sorted(CHANGE_RULE.findall(printed)) == step.get("rules", []), printed
    assert code == (1 if step.get("refused") else 0), printed
    if step.get("refused"):
        assert _files(life.project) == before, printed
        file = life.project / "specs/year.yaml"
        file.write_text(spec_text(life.spec), encoding="utf-8")
        return
    life.spec = spec
    if not step.get("with_next"):
        _apply(life, step)


def _apply(life: Life, step: dict[str, Any]) -> None:
    """Apply what is rendered, with what a step says of that, and look whether anything is lost."""
    terraform = life.terraform
    terraform.variables = _variables(terraform.folder)
    life.initialise()
    if "blocked" in step:
        assert step["blocked"] in terraform.plan(expect=(1,)).text
        name, region = step["replica_removed"]
        life.is_known = False
        life.aws.client("secretsmanager", life.place.home).remove_regions_from_replication(
            SecretId=name, RemoveReplicaRegions=[region]
        )
        life.aws.eventually(partial(_assert_not_there, life.aws, name, region))
    life.apply()
    for name in step.get("gone", ()):
        life.aws.eventually(partial(_assert_not_there, life.aws, name, life.place.home))
        life.values.pop(name, None)
    for name in step.get("rotated", ()):
        life.values[name] = life.aws.rotate(name, times=3, region=life.place.home)
    _assert_nothing_is_lost(life)
    life.is_known = "rotated" not in step


def _assert_not_there(aws: Aws, name: str, region: str) -> None:
    assert name not in [found["Name"] for found in aws.secrets(region)], f"{name} is in {region}"


def _assert_nothing_is_lost(life: Life) -> None:
    _assert_values_and_keys(life)
    life.terraform.assert_no_changes()


def _assert_values_and_keys(life: Life) -> None:
    for name, value in life.values.items():
        assert life.aws.secret_value(name, life.place.home) == value, f"the value of {name}"
    for name, region, key in _living(life):
        described = life.aws.client("kms", region).describe_key(KeyId=key)["KeyMetadata"]
        assert described["KeyState"] == "Enabled", f"the key of {name} in {region}: {described}"


def _living(life: Life) -> Iterator[tuple[str, str, str]]:
    """Every secret and replica that lives and has a key of the account, with the key."""
    for region in life.place.regions:
        for found in life.aws.secrets(region):
            if found.get("KmsKeyId", "").startswith("arn:"):
                yield found["Name"], region, found["KmsKeyId"]
