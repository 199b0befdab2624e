"""A year in the life of an environment: each change of its spec is refused, or loses nothing.

Every step edits the spec of `year.yaml` as a person would, renders it in place, over what was
committed before, and applies it with the real Terraform. A step that is refused must leave every
file as it was, and is taken back. After each step that is applied, no value has changed that was
not meant to, every key under a living secret or replica is enabled, and another plan is empty.
"""

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from secretgen.cli import run
from tests.harness.aws import REGION, LocalAws
from tests.harness.cycle import prepare
from tests.harness.terraform import Terraform
from tests.rendered import tree

pytestmark = pytest.mark.terraform

Spec = dict[str, Any]
YEAR = yaml.safe_load(Path(__file__).with_name("year.yaml").read_text(encoding="utf-8"))
VARIABLE = re.compile(r'^variable "(\w+)"', re.MULTILINE)
CHANGE_RULE = re.compile(r"\[(SG5\d\d)\]")
REGIONS = (REGION, "eu-west-1", "us-west-2")
SERVICE_SECRET = (
    "arn:aws:secretsmanager:us-east-1:123456789012:secret:"
    "rds!cluster-6d0a3f1e-1111-4a7b-8c9d-0e1f2a3b4c5d-AbCdEf"
)


@dataclass
class Life:
    """The environment as it lives.

    Attributes:
        project: the project, in which Terraform works as well.
        aws: the local AWS.
        terraform: Terraform in the folder of the environment.
        spec: the spec as it was applied last.
        values: the value that each secret must have, for ever.
    """

    project: Path
    aws: LocalAws
    terraform: Terraform
    spec: Spec
    values: dict[str, str] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """The folder of the environment."""
        return self.terraform.folder

    def write(self, spec: Spec) -> None:
        """Write a spec into the project."""
        text = yaml.safe_dump(spec, sort_keys=False)
        (self.project / "specs/year.yaml").write_text(text, encoding="utf-8")

    def files(self) -> dict[str, bytes]:
        """The generated files of the project."""
        found = {
            path: data for path, data in tree(self.project).items() if ".terraform" not in path
        }
        return {path: data for path, data in found.items() if not path.startswith("specs/")}

    def put(self, name: str, value: str) -> None:
        """Somebody writes a value."""
        self.aws.client("secretsmanager").put_secret_value(SecretId=name, SecretString=value)
        self.values[name] = value


def merged(spec: Any, patch: Any) -> Any:
    """A spec with a patch merged in, as RFC 7396 says."""
    if not isinstance(patch, dict):
        return deepcopy(patch)
    result = deepcopy(spec) if isinstance(spec, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


@pytest.mark.slow(seconds=300)
def test_a_year(
    tmp_path: Path, scratch: Path, aws: LocalAws, capsys: pytest.CaptureFixture[str]
) -> None:
    life = _begin(tmp_path, scratch, aws)
    for step in YEAR["steps"]:
        before, spec = life.files(), merged(life.spec, step["patch"])
        life.write(spec)
        capsys.readouterr()
        code = run(["render", "--root", str(life.project)])
        told = f"{step['title']}: {''.join(capsys.readouterr())}"
        assert sorted({*CHANGE_RULE.findall(told)}) == step.get("rules", []), told
        assert code == (1 if step.get("refused") else 0), told
        if step.get("refused"):
            assert life.files() == before, told
            life.write(life.spec)
            continue
        life.spec = spec
        _apply(life, step)
        _assert_nothing_is_lost(life, step["title"])


def _begin(project: Path, scratch: Path, aws: LocalAws) -> Life:
    spec = YEAR["spec"]
    folder = project / "environments/year"
    terraform = Terraform(folder, scratch, environment=aws.environment())
    life = Life(project, aws, terraform, spec)
    (project / "specs").mkdir()
    life.write(spec)
    assert run(["render", "--root", str(project)]) == 0
    prepare(aws, folder)
    _give_variables(life)
    terraform.init()
    terraform.apply()
    for name, fields in spec["secrets"].items():
        if "value" not in fields:
            life.put(name, f"value of {name}")
        life.values[name] = aws.secret_value(name)
    aws.create_service_secret(SERVICE_SECRET)
    _assert_nothing_is_lost(life, "the first apply")
    return life


def _give_variables(life: Life) -> None:
    names = VARIABLE.findall((life.folder / "variables.tf").read_text(encoding="utf-8"))
    life.terraform.variables = {name: f"given for {name}" for name in names}


def _apply(life: Life, step: dict[str, Any]) -> None:
    _give_variables(life)
    life.terraform.init("-reconfigure")
    if "blocked" in step:
        assert step["blocked"] in life.terraform.plan(expect=(1,)).text, step["title"]
        name, region = step["replica_removed"]
        life.aws.client("secretsmanager").remove_regions_from_replication(
            SecretId=name, RemoveReplicaRegions=[region]
        )
    life.terraform.apply()
    for name in step.get("gone", ()):
        life.values.pop(name, None)
    for name in step.get("rotated", ()):
        life.values[name] = life.aws.rotate(name, times=3)


def _assert_nothing_is_lost(life: Life, title: str) -> None:
    for name, value in life.values.items():
        assert life.aws.secret_value(name) == value, f"{title}: the value of {name}"
    for name, region, key in _living(life.aws):
        state = life.aws.client("kms", region).describe_key(KeyId=key)["KeyMetadata"]["KeyState"]
        assert state == "Enabled", f"{title}: the key of {name} in {region} is {state}"
    life.terraform.assert_no_changes()


def _living(aws: LocalAws) -> Iterator[tuple[str, str, str]]:
    """Every secret and replica that lives and has a key of the account, with the key."""
    for region in REGIONS:
        client = aws.client("secretsmanager", region)
        for found in client.list_secrets()["SecretList"]:
            key = client.describe_secret(SecretId=found["ARN"]).get("KmsKeyId", "")
            if key.startswith("arn:"):
                yield found["Name"], region, key
