"""Root modules that call many mutants of the module at once, as an environment calls the module."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from secretgen.model.environment import Environment
from secretgen.model.layout import DEFAULT_LAYOUT
from secretgen.model.names import key_modules, rotation_module, secret_module
from secretgen.policy.documents import organization_exemptions
from secretgen.render.files import render_environment, render_module
from secretgen.render.templates import environment as templates
from secretgen.spec.load import load_spec
from tests.harness.terraform import Terraform
from tests.module.mutants import Mutant, mutants
from tests.planned.compare import PROVIDER, Resources, compare, with_tags
from tests.planned.module import Expected

MODULE = f"{DEFAULT_LAYOUT.module}/"
KEY = "1a2b3c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d"
VARIANTS = ("", "static/", "kms-key/", "rotation-function/")
FILES = ("main.tf", "outputs.tf", "variables.tf", "versions.tf")
_BLOCK = re.compile(r'^module "(\w+)" \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)
_PROVIDERS = re.compile(r"^  providers = \{\n.*?^  \}\n", re.MULTILINE | re.DOTALL)
_DEPENDS = re.compile(r"^  depends_on\s+= \[.*?\]\n", re.MULTILINE | re.DOTALL)
_SOURCE = re.compile(rf'^  source = "\.\./\.\./{DEFAULT_LAYOUT.module}/?([\w/-]*)"', re.MULTILINE)
_NUMBER = re.compile(r"\bm(\d+)(?=__|/)")
_CONDITION = re.compile(r"^  validation \{\n.*?^  \}\n", re.MULTILINE | re.DOTALL)
_SPARE = {secret_module(name) for name in ("f/admin", "f/app", "c/app")}
"""Module blocks that show nothing that others do not."""

_PROVIDER = """
provider "aws" {
  region                      = "us-east-1"
  access_key                  = "testing"
  secret_key                  = "testing"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_region_validation      = true
  max_retries                 = 1
}
"""

VPC = (
    "vpc: { subnet_ids: [subnet-0a1b2c3d, subnet-1a2b3c4d],"
    " security_group_ids: [sg-0a1b2c3d, sg-1a2b3c4d] }"
)
REPLICA_KEY = f"arn:aws:kms:eu-west-1:123456789012:key/{KEY}"
ADMIN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:f/admin-AbCdEf"
SPEC = f"""
version: 1
environment: mutants
aws: {{ account_id: "123456789012", region: us-east-1, organization_id: o-abcde12345 }}
backend: {{ bucket: mutants-terraform-state, locking: s3 }}
accounts:
  data: {{ id: "222222222222", in_organization: false }}
  one: {{ id: "111111111111", role: team/reader }}
  two: {{ id: "111111111112", role: team/reader }}
  three: {{ id: "111111111113", role: team/reader }}
  four: {{ id: "111111111114", role: team/reader }}
  five: {{ id: "111111111115", role: team/reader }}
  six: {{ id: "111111111116", role: team/reader }}
keys:
  shared: {{ description: Shared, deletion_window_days: 7, rotation_period_days: 90 }}
secrets:
  a/full:
    description: All of it
    kms_key: shared
    value: {{ from: variable }}
    readers: [data, {{ account: data, role: path/other }}]
    writers: [one, {{ account: data, role: writer }}]
    replicas:
      - us-west-2
      - {{ region: eu-west-1, kms_key: "{REPLICA_KEY}" }}
    force_overwrite_replica: true
    exclusive: {{ except: [break-glass] }}
    rotation:
      lambda_arn: arn:aws:lambda:us-east-1:123456789012:function:rotate
      every_days: 30
      duration: 3h
    recovery_window_days: 7
    tags: {{ Level: high }}
  a/many:
    kms_key: aws-managed
    description: Many
    readers: [one, two, three, four, five, six]
    rotation:
      lambda_arn: arn:aws:lambda:us-east-1:123456789012:function:rotate
      schedule: rate(10 days)
      immediately: true
  s/full:
    description: All of it
    kms_key: shared
    value: {{ from: variable, version: 3 }}
    readers: [data]
    writers: [one]
    replicas: [us-west-2]
    tags: {{ Level: high }}
  f/admin:
    kms_key: shared
    rotation: {{ application: postgresql-single-user, every_days: 30, {VPC} }}
  f/app:
    value:
      from: json
      fields:
        engine: {{ literal: postgres }}
        host: {{ literal: db.example.com }}
        masterarn: {{ literal: "{ADMIN}" }}
        password: {{ from: generated, exclude_characters: "!," }}
        username: {{ literal: app }}
    rotation: {{ application: postgresql-multi-user, every_days: 30, {VPC} }}
"""
IN_CHINA = """
version: 1
environment: china
aws: { account_id: "123456789012", region: cn-north-1, partition: aws-cn }
backend: { bucket: china-terraform-state, locking: s3 }
accounts:
  data: { id: "222222222222" }
secrets:
  c/app:
    kms_key: dedicated
    readers: [data]
    rotation: { application: mysql-single-user, every_days: 30 }
"""


@dataclass(frozen=True)
class Scenario:
    """An environment whose module blocks are called for each mutant.

    Args:
        environment: the environment.
    """

    environment: Environment

    @cached_property
    def arns(self) -> dict[str, str]:
        """What stands for the output of each module block, which is known only after an apply."""
        aws = self.environment.aws
        account = f"{aws.region}:{aws.account_id}"
        found = {}
        for key in self.environment.keys:
            for region, block in key_modules(key).items():
                mark = f"{KEY[:-2]}{len(found) + 10}"
                found[block] = f"arn:{aws.partition}:kms:{region}:{aws.account_id}:key/{mark}"
        for secret in self.environment.secrets:
            begin = f"arn:{aws.partition}:secretsmanager:{account}:secret"
            found[secret_module(secret.name)] = f"{begin}:{secret.name}-AbCdEf"
            function = f"function:{secret.name.replace('/', '-')}"
            found[rotation_module(secret.name)] = f"arn:{aws.partition}:lambda:{account}:{function}"
        return found

    @cached_property
    def calls(self) -> dict[str, tuple[str, str]]:
        """The variant and the text of each module block, by its label."""
        rendered = render_environment(self.environment, templates())
        folder = f"environments/{self.environment.name}"
        found = {}
        for name in ("keys.tf", "secrets.tf", "rotation.tf"):
            for label, body in _BLOCK.findall(rendered.get(f"{folder}/{name}", "")):
                source = _SOURCE.search(body)
                assert source
                variant = source[1].removeprefix("unprotected").strip("/")
                found[label] = f"{variant}/".lstrip("/"), self._alone(body)
        return found

    def _alone(self, body: str) -> str:
        """A block that refers to nothing but input variables."""
        body = _DEPENDS.sub("", _PROVIDERS.sub("", _SOURCE.sub("", body)))
        body = re.sub(r"module\.(\w+)\.arn", lambda m: f'"{self.arns[m[1]]}"', body)
        aws = self.environment.aws
        exempt = json.dumps(organization_exemptions(self.environment))
        organization = f'{{ id = "{aws.organization_id}", exempt_account_ids = {exempt} }}'
        body = body.replace("local.organization", organization)
        body = re.sub(r"local\.(\w+)", lambda m: f'"{getattr(aws, m[1])}"', body)
        return re.sub(r"ephemeral\.[\w.]+", '"x"', body)

    @cached_property
    def variables(self) -> str:
        """The declarations of the input variables that the blocks name."""
        rendered = render_environment(self.environment, templates())
        return rendered[f"environments/{self.environment.name}/variables.tf"]

    @cached_property
    def expected(self) -> Resources:
        """What is planned, without the providers and default tags of the environment."""
        resources = with_tags(Expected(self.environment, self.arns.__getitem__).resources(), {})
        return {
            address: {name: value for name, value in attributes.items() if name != PROVIDER}
            for address, attributes in resources.items()
        }


def scenarios() -> list[Scenario]:
    """The environments: one with all that the module can, and one of another partition."""
    loaded = [load_spec(text.encode(), "specs/x.yaml").environment for text in (SPEC, IN_CHINA)]
    return [Scenario(environment) for environment in loaded if environment]


def module_files() -> dict[str, str]:
    """The module's files by their path in its folder."""
    return {path.removeprefix(MODULE): text for path, text in render_module(templates()).items()}


def all_mutants(files: Mapping[str, str]) -> list[Mutant]:
    """All mutants of its variants; of what is the same in several of them, those of one."""
    seen = set()
    found = []
    for variant in VARIANTS:
        for name in FILES:
            for mutant in mutants(variant + name, files[variant + name]):
                line = mutant.text.split("\n")[mutant.line - 1]
                original = files[variant + name].split("\n")[mutant.line - 1]
                same = (name, mutant.path, mutant.how, line, original)
                if same not in seen or variant not in ("", "static/"):
                    found.append(mutant)
                seen.add(same)
    return found


def variant_of(file: str) -> str:
    """The variant that a file is of."""
    return file[: file.rindex("/") + 1] if "/" in file else ""


class World:
    """A root module, in which each mutant is a module of its own.

    Args:
        folder: an empty folder.
        scratch: one for Terraform.
        files: the module's files.
        among: the mutants by their numbers.
        is_whole: whether each module has all of its files; else a mutant of inputs has nothing but
            inputs, and another has none of their conditions, which take Terraform long.
    """

    def __init__(
        self,
        folder: Path,
        scratch: Path,
        files: Mapping[str, str],
        among: Mapping[int, Mutant],
        *,
        is_whole: bool = False,
    ) -> None:
        self.among = dict(among)
        self.killed: dict[int, str] = {}
        self.is_initialized = False
        folder.mkdir(exist_ok=True)
        self.terraform = Terraform(folder, scratch)
        for number, mutant in among.items():
            variant = variant_of(mutant.file)
            for name in FILES:
                text = mutant.text if variant + name == mutant.file else files[variant + name]
                if not is_whole and mutant.text != text:
                    text = _beside(mutant, name, text)
                place = folder / f"m{number}" / name
                place.parent.mkdir(exist_ok=True)
                place.write_text(text)

    @property
    def alive(self) -> dict[int, Mutant]:
        """The mutants that nothing has told so far."""
        return {n: m for n, m in self.among.items() if n not in self.killed}

    def kill(self, diagnostics: Iterable[Mapping[str, Any]]) -> bool:
        """Takes errors for what they are about; tells whether there were any."""
        found = False
        for diagnostic in diagnostics:
            if diagnostic["severity"] != "error":
                continue
            where = diagnostic.get("range") or {}
            named = f"{diagnostic.get('address', '')} {where.get('filename', '')}"
            numbers = _NUMBER.findall(named) or [self._number_at(where)]
            for number in map(int, numbers):
                self.killed.setdefault(number, diagnostic["summary"])
            found = True
        return found

    def _number_at(self, where: Mapping[str, Any]) -> str:
        """Finds the mutant whose block stands at a line of the root module."""
        lines = (self.terraform.folder / "main.tf").read_text().split("\n")
        above = "\n".join(lines[: where["start"]["line"]])
        return _NUMBER.findall(above)[-1]

    def write(self, blocks: Iterable[str], rest: str = "") -> None:
        """Writes the root module."""
        text = _PROVIDER + rest + "\n".join(blocks)
        (self.terraform.folder / "main.tf").write_text(text)

    def init(self) -> None:
        """Initializes; mutants that Terraform cannot load are told."""
        mirror = f"-plugin-dir={self.terraform.installation.mirror}"
        arguments = ("init", "-input=false", "-json", mirror)
        run = self.terraform._call(*arguments, limit=300, expect=(0, 1))
        self.killed |= {int(n): "cannot be loaded" for n in _NUMBER.findall(_errors(run.stdout))}
        if run.code:
            assert _errors(run.stdout), run.text[-3000:]

    def plan(self) -> dict[str, Any] | None:
        """Plans; None where no plan was begun because of mutants, which are told then.

        A plan that fails for some mutants holds what is planned for all others.
        """
        self.terraform.plan_file.unlink(missing_ok=True)
        run = self.terraform.plan("-json", "-refresh=false", expect=(0, 1, 2))
        is_told = self.kill(plan_diagnostics(run.stdout))
        assert is_told or run.code != 1, run.text[-3000:]
        return self.terraform.show_json() if self.terraform.plan_file.exists() else None


def is_of_inputs(mutant: Mutant) -> bool:
    """Whether a mutant is one of the module's inputs."""
    return mutant.file.endswith("variables.tf")


def _beside(mutant: Mutant, name: str, text: str) -> str:
    """What of another file a plan of a mutant needs."""
    if is_of_inputs(mutant) and name != "versions.tf":
        return ""
    return _CONDITION.sub("", text)


def plan_diagnostics(out: str) -> list[dict[str, Any]]:
    """The diagnostics of `terraform plan -json`."""
    lines = (json.loads(line) for line in out.splitlines() if line.startswith("{"))
    return [line["diagnostic"] for line in lines if "diagnostic" in line]


def _errors(out: str) -> str:
    lines = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    return "\n".join(json.dumps(line) for line in lines if line.get("@level") == "error")


Round = Mapping[str, tuple[str, str]]
"""The label and the text of one module block for each variant that has so many."""


def rounds(among: Iterable[Scenario]) -> Iterator[Round]:
    """The module blocks of some environments, one of each variant at a time, the longest first.

    What the first tells, which most do, need not be planned with the others.
    """
    blocks: dict[str, list[tuple[str, str]]] = {}
    for scenario in among:
        for label, (variant, body) in scenario.calls.items():
            if label not in _SPARE:
                blocks.setdefault(variant, []).append((label, body))
    for found in blocks.values():
        found.sort(key=lambda block: len(block[1]), reverse=True)
    for number in range(max(map(len, blocks.values()))):
        yield {v: found[number] for v, found in blocks.items() if number < len(found)}


def call_of(number: int, block: tuple[str, str]) -> str:
    """A module block that calls a mutant."""
    label, body = block
    return f'module "m{number}__{label}" {{\n  source = "./m{number}/"\n{body}}}\n'


def judge(world: World, plan: Mapping[str, Any], among: Iterable[Scenario], blocks: Round) -> None:
    """Compares what is planned for each mutant with the model; those that differ are told.

    Mutants of inputs have no resources: what their conditions refuse was told by the plan.
    """
    changes: dict[int, dict[str, Any]] = {}
    for item in plan.get("resource_changes", ()):
        number, _, address = item["address"].removeprefix("module.m").partition("__")
        changes.setdefault(int(number), {})[f"module.{address}"] = item["change"]
    expected = {a: r for scenario in among for a, r in scenario.expected.items()}
    for number, mutant in world.alive.items():
        if is_of_inputs(mutant):
            continue
        label, _ = blocks[variant_of(mutant.file)]
        wanted = {a: resource for a, resource in expected.items() if a.split(".")[1] == label}
        found = compare(wanted, changes.get(number, {}))
        if found:
            world.killed[number] = found[0]
