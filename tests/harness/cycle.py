"""The life of an environment in one call: init to destroy, with what must hold in between."""

import base64
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.harness.cloud import REGION, Aws
from tests.harness.install import Installation, find_installation
from tests.harness.terraform import Terraform
from tests.harness.workspace import DEAD_ENDPOINT, provider_regions, write_offline_override

SHORTEST_CANARY = 8
SERVICE_SECRET_ARN = re.compile(
    r'arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:\w+![^"]+-\w{6}(?=")'
)
WARNING = re.compile(r"Warning: (.+)")
# What Terraform says of every `check` about something that the plan is about to change.
NOT_YET_CHECKED = "Check block assertion known after apply"
FUNCTION_ARN = re.compile(r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]+")


@dataclass
class Cycle:
    """An environment that `begin` has applied, with all that a test may want to look at."""

    aws: Aws
    terraform: Terraform
    canaries: set[str] = field(default_factory=set)

    def assert_clean(self) -> None:
        """A second plan is empty, and no canary has leaked so far."""
        self.terraform.assert_no_changes()
        self.assert_no_leak()

    def assert_no_leak(self) -> None:
        """No canary and no value of any secret stands in state, plan, output or tree.

        Values that were found are canaries from then on: a rotation may take them away.
        """
        regions = {REGION, *provider_regions(self.terraform.folder)}
        values = self.aws.secret_values(*regions)
        self.canaries.update(value for value in values if len(value) >= SHORTEST_CANARY)
        places = {
            **state_objects(self.aws),
            **plan_members(self.terraform.plan_file),
            **{f"output of {i}: {r.arguments[0]}": r.text.encode() for i, r in _logs(self)},
            **tree_files(self.terraform.folder.parents[1]),
        }
        leaks = find_leaks(places, self.canaries)
        assert not leaks, f"secret values found in: {', '.join(leaks)}"

    def end(self) -> None:
        """Destroy everything; the state must be empty afterwards."""
        self.terraform.destroy()
        left = self.terraform.addresses()
        assert not left, f"left after destroy: {left}"


def prepare(aws: Aws, folder: Path) -> None:
    """Create what a root module expects: its state backend, functions, secrets of services.

    Names are read from the HCL of `folder`; nothing is created twice.
    """
    text = "\n".join(file.read_text() for file in sorted(folder.glob("*.tf")))
    backend = re.search(r'^  backend "s3" \{\n(.*?)^  \}', text, re.MULTILINE | re.DOTALL)
    if backend:
        named = dict(re.findall(r'^\s*(\w+)\s*=\s*"([^"]*)"', backend.group(1), re.MULTILINE))
        aws.create_state_backend(named["bucket"], named.get("dynamodb_table"), named["region"])
    for arn in sorted(set(FUNCTION_ARN.findall(text))):
        aws.create_function(arn)
    for arn in sorted(set(SERVICE_SECRET_ARN.findall(text))):
        aws.create_service_secret(arn)


def begin(
    aws: Aws,
    folder: Path,
    scratch: Path,
    *,
    variables: Mapping[str, str] | None = None,
    starts_providers: bool = False,
    installation: Installation | None = None,
    replans: bool = True,
) -> Cycle:
    """Init, plan without a warning, apply the saved plan, and re-plan to no changes.

    Args:
        aws: the AWS, seen from the account of the environment, after `prepare`.
        folder: a root module in a copy of the rendered tree (`workspace.copy_tree`).
        scratch: an empty folder.
        variables: the input variables; their values are canaries.
        starts_providers: see `Terraform`.
        installation: another Terraform than the one of the machine.
        replans: False leaves the second plan to the caller, behind what must change nothing.
    """
    given = dict(variables or {})
    terraform = Terraform(
        folder,
        scratch,
        environment=aws.environment(),
        variables=given,
        starts_providers=starts_providers,
        installation=installation or find_installation(),
    )
    terraform.init()
    planned = terraform.plan()
    assert set(WARNING.findall(planned.text)) <= {NOT_YET_CHECKED}, planned.text
    cycle = Cycle(aws, terraform, set(given.values()))
    cycle.assert_no_leak()
    terraform.apply(str(terraform.plan_file))
    if replans:
        cycle.assert_clean()
    else:
        cycle.assert_no_leak()
    return cycle


def find_leaks(places: Mapping[str, bytes], canaries: Iterable[str]) -> list[str]:
    """The places that hold a canary, as it is or within base64; never the canary itself."""
    needles = {needle for canary in canaries for needle in _needles(canary.encode())}
    return [place for place, data in places.items() if any(needle in data for needle in needles)]


def _needles(canary: bytes) -> Iterator[bytes]:
    """A text and the part of its base64 form that is the same whatever stands around it."""
    yield canary
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + canary)
        start = -(-offset * 8 // 6)
        whole = (offset + len(canary)) * 8 // 6
        yield encoded[start:whole]


def state_objects(aws: Aws) -> dict[str, bytes]:
    """Every version of every object in every bucket of the tests."""
    s3 = aws.client("s3")
    found = {}
    for bucket in aws.buckets():
        listed = s3.list_object_versions(Bucket=bucket)
        for version in listed.get("Versions", []):
            key, number = version["Key"], version["VersionId"]
            body = s3.get_object(Bucket=bucket, Key=key, VersionId=number)["Body"].read()
            found[f"s3://{bucket}/{key}@{number}"] = body
    return found


def plan_members(plan_file: Path) -> dict[str, bytes]:
    """What a saved plan holds, unpacked: a plan is a zip archive."""
    with zipfile.ZipFile(io.BytesIO(plan_file.read_bytes())) as archive:
        return {f"plan:{name}": archive.read(name) for name in archive.namelist()}


def tree_files(root: Path) -> dict[str, bytes]:
    """Every file below `root`, Terraform's own working folders included but for the provider."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and "providers" not in path.parts
    }


def _logs(cycle: Cycle) -> Iterator[tuple[int, Any]]:
    return iter(enumerate(cycle.terraform.runs))


def offline_plan(folder: Path, scratch: Path, variables: Mapping[str, str] | None = None) -> Any:
    """Plan a root module of a copied tree without any AWS; returns the plan's JSON.

    The state is local and empty, so everything is to be created. A configuration that would call
    AWS while planning fails here.
    """
    write_offline_override(folder)
    dead = {"AWS_ENDPOINT_URL": DEAD_ENDPOINT}
    terraform = Terraform(folder, scratch, environment=dead, variables=dict(variables or {}))
    terraform.init()
    terraform.plan("-refresh=false")
    return terraform.show_json()
