"""The specs of a year in the life of an environment, for where it is to live."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import asdict, dataclass
from pathlib import Path
from string import Template
from typing import Any

import yaml

from secretgen.model.environment import Environment
from secretgen.spec.load import load_spec

Spec = dict[str, Any]
FILE = Path(__file__).with_name("year.yaml")
TAG = "secretgen-acceptance"
# The step "another Region" names one of these: it is refused, so nothing is created there.
ELSEWHERE = ("eu-central-1", "ap-southeast-2", "ca-central-1", "sa-east-1")


@dataclass(frozen=True)
class Place:
    """Where an environment lives.

    Attributes:
        account: the id of its account.
        reader: the id of an account whose role reads; empty where there is none.
        home: its Region.
        second: the Region of most replicas.
        third: the Region of one replica.
        prefix: the beginning of every name, and the environment's name.
    """

    account: str
    reader: str
    home: str
    second: str
    third: str
    prefix: str

    @property
    def regions(self) -> tuple[str, str, str]:
        """Every Region that holds something."""
        return self.home, self.second, self.third

    @property
    def accounts(self) -> tuple[str, ...]:
        """Every account that holds something."""
        return (self.account, self.reader) if self.reader else (self.account,)

    @property
    def bucket(self) -> str:
        """The state bucket: names of buckets are unique in all of AWS."""
        return f"{self.prefix}-{self.account}-{self.home}"

    @property
    def probe_name(self) -> str:
        """The role that assumes the roles of readers."""
        return f"{self.prefix}-probe"

    @property
    def probe(self) -> str:
        """The ARN of that role."""
        return f"arn:aws:iam::{self.account}:role/{self.probe_name}"

    @property
    def service_secret(self) -> str:
        """The ARN of a secret that an AWS service owns."""
        name = "rds!cluster-6d0a3f1e-1111-4a7b-8c9d-0e1f2a3b4c5d-AbCdEf"
        return f"arn:aws:secretsmanager:{self.home}:{self.account}:secret:{name}"


@dataclass(frozen=True)
class Year:
    """The first spec and its changes; year.yaml says what their fields mean.

    Attributes:
        spec: the first spec.
        steps: its changes.
    """

    spec: Spec
    steps: tuple[dict[str, Any], ...]

    def applied(self, *, has_services: bool) -> Iterator[Environment]:
        """The environment of each spec that is applied, the first one included."""
        spec = self.spec
        yield environment_of(spec)
        for step in self.steps:
            if not step.get("refused") and (has_services or not step.get("needs_service")):
                spec = merged(spec, step["patch"])
                yield environment_of(spec)


def year_at(place: Place, file: Path = FILE) -> Year:
    """The year of an environment that lives there, as a file has it."""
    elsewhere = next(region for region in ELSEWHERE if region not in place.regions)
    names = {name: getattr(place, name) for name in ("bucket", "probe", "probe_name")}
    text = Template(file.read_text(encoding="utf-8")).substitute(
        asdict(place) | names,
        service_secret=place.service_secret,
        elsewhere=elsewhere,
        tag=TAG,
    )
    found = yaml.safe_load(text)
    if not place.reader:
        found = _within_one_account(found, place)
    return Year(found["spec"], tuple(found["steps"]))


def _within_one_account(found: Any, place: Place) -> Any:
    """The year with the role of the other account in the environment's own."""
    role = f"{place.prefix}-app"
    accounts = found["spec"]["accounts"]
    accounts["data"]["roles"] |= accounts.pop("app")["roles"]

    def moved(node: Any) -> Any:
        if isinstance(node, list):
            return [f"data:{role}" if item == "app" else moved(item) for item in node]
        return {k: moved(v) for k, v in node.items()} if isinstance(node, dict) else node

    return moved(found)


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


def spec_text(spec: Spec) -> str:
    """A spec as its file."""
    return yaml.safe_dump(spec, sort_keys=False)


def environment_of(spec: Spec) -> Environment:
    """The environment of a spec; a spec of this folder is valid."""
    loaded = load_spec(spec_text(spec).encode(), "year.yaml")
    assert loaded.environment, [d.summary for d in loaded.diagnostics]
    return loaded.environment
