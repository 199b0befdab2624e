"""An account that grew over years moves in by the page: nothing is lost, and no value is touched.

The commands are those of `docs/how-to/move-in.md`. Then the account is as it was, but for the
policies, tags and names of keys that the report announces.
"""

import json
import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from secretgen.live.permissions import VALUES
from secretgen.spec.load import load_spec
from tests.harness.aws import ACCOUNT, REGION, REPOSITORY, LocalAws
from tests.harness.desk import Desk, blocks, commands
from tests.harness.terraform import Terraform, TerraformFailedError
from tests.importing.brownfield import (
    BY_HAND,
    EXPRESSIBLE,
    IN_STACK,
    INEXPRESSIBLE,
    REPLACED,
    SKIPPED,
    make,
    versions,
)
from tests.policy.calls import refused, tags_now

pytestmark = [pytest.mark.terraform, pytest.mark.slow(seconds=30)]

PAGE = (REPOSITORY / "docs/how-to/move-in.md").read_text(encoding="utf-8")
FROM_AWS, DUMP, STACK, HAND = (
    "From AWS", "Without access to AWS", "From CloudFormation", "One secret by hand",
)  # fmt: skip
FOREIGN_KEY = "keyed/foreign"
IMPORT = "secretgen import specs/production.yaml --profile production"


def test_existing_account_is_imported(aws: LocalAws, tmp_path: Path, scratch: Path) -> None:
    make(aws)
    aws.create_state_backend(f"terraform-state-{ACCOUNT}")
    before = versions(aws)
    project = tmp_path / "project"
    (project / "specs").mkdir(parents=True)
    desk, spec = Desk(aws, project, scratch), project / "specs" / "production.yaml"

    assert "NeverTouchValues" in desk.run(commands(PAGE, FROM_AWS, "--print-policy")).stdout
    aws.record()
    told = desk.run(commands(PAGE, FROM_AWS, f"{IMPORT} --dry-run")).stdout
    calls = [str(call) for call in aws.recorded()]
    assert calls
    assert not [c for c in calls if any(fnmatchcase(c, value) for value in VALUES)]
    text = spec.read_text()
    for name in (*SKIPPED, *INEXPRESSIBLE, FOREIGN_KEY):
        assert f"\n  {name}: " in told
        assert f"\n  {name}:\n" not in text
    for name in REPLACED:
        assert "deletes the replica in us-west-2" in told[told.index(f"\n  {name}\n") :][:200]
    _assert_dump_says_the_same(desk, text)

    # Policies that a spec cannot express stay as they are.
    aws_policies = {name: aws.json_policy(name) for name in INEXPRESSIBLE}
    desk.run(f"{IMPORT} --policy unmanaged")
    assert spec.read_text().count("policy: unmanaged") == len(INEXPRESSIBLE)

    for having in ("update-stack", "delete-stack", "--retained"):
        (project / "template.yaml").write_text(blocks(PAGE, STACK, ("yaml",))[0])
        desk.run(commands(PAGE, STACK, having))
    assert f"\n  {IN_STACK}:\n" in spec.read_text()
    assert (
        aws.client("cloudformation").list_stacks()["StackSummaries"][0]["StackStatus"]
        == "DELETE_COMPLETE"
    )
    _write_by_hand(aws, spec)

    # The gate refuses to replace replicas until somebody allows it.
    steps = commands(PAGE, FROM_AWS, "terraform -chdir")
    with pytest.raises(TerraformFailedError) as stopped:
        desk.run(steps)
    errors = re.findall(r"error\[(SG\d+)\].*?module.secret__(\w+)", stopped.value.run.stdout)
    assert set(errors) == {
        ("SG515", name.replace("/", "__").replace("-", "_")) for name in REPLACED
    }
    assert not (project / "plan.json").exists()
    shown = desk.run("terraform show -json saved.tfplan", "environments/production").stdout
    _assert_plan(json.loads(shown), spec.read_text())
    allowed = [
        f"  - {{ rule: SG515, of: secrets.{name}, reason: Nobody reads it in us-west-2 now }}\n"
        for name in sorted(REPLACED)
    ]
    spec.write_text(spec.read_text().replace("\nignore:\n", "\nignore:\n" + "".join(allowed)))
    tags = tags_now(aws, [REGION, "us-west-2"])
    aws.record()
    desk.run(steps)
    recorded = aws.recorded()
    environment = load_spec(spec.read_bytes(), spec.name).environment
    assert environment
    for role in ("apply", "destroy"):
        assert refused(environment, role, recorded, tags) == set()
    calls = [str(call) for call in recorded]
    assert not [c for c in calls if any(fnmatchcase(c, value) for value in _NOT_IN_AN_APPLY)]
    assert calls.count("secretsmanager:RemoveRegionsFromReplication") == len(REPLACED)
    folder = project / "environments" / "production"
    Terraform(folder, scratch, environment=aws.environment()).assert_no_changes()
    assert versions(aws) == before
    assert {name: aws.json_policy(name) for name in INEXPRESSIBLE} == aws_policies


_NOT_IN_AN_APPLY = set(VALUES) - {
    "secretsmanager:UpdateSecret",
    "secretsmanager:RemoveRegionsFromReplication",
    "secretsmanager:ReplicateSecretToRegions",
}


def _assert_dump_says_the_same(desk: Desk, text: str) -> None:
    """What the loops of the page write into a file is imported like the account itself."""
    loops = [commands(PAGE, DUMP, having) for having in ("list-secrets", "list-keys")]
    west = loops[1].replace('"$region"', "us-west-2")
    desk.run("\n".join([*loops, west]))
    other = desk.project / "other" / "specs" / "production.yaml"
    other.parent.mkdir(parents=True)
    desk.run("secretgen import other/specs/production.yaml --from-dump dump.json")
    assert other.read_text() == text


def _write_by_hand(aws: LocalAws, spec: Path) -> None:
    """Takes the import of one secret back, and writes it as the page does."""
    arn = aws.client("secretsmanager").describe_secret(SecretId=BY_HAND)["ARN"]
    (by_hand,) = blocks(PAGE, HAND, ("yaml",))
    _, secret, entry = re.split(r"^(?:secrets|changes):\n", by_hand, flags=re.MULTILINE)
    text = re.sub(rf"^  {BY_HAND}:\n(?:    .*\n)+", secret, spec.read_text(), flags=re.MULTILINE)
    entry = re.sub(r"id: \S+", f"id: {arn}", entry)
    text = re.sub(
        rf"^  - import:\n      to: secrets.{BY_HAND}\n.*\n", entry, text, flags=re.MULTILINE
    )
    assert secret in text
    assert entry in text
    spec.write_text(text)


def _assert_plan(plan: dict[str, Any], text: str) -> None:
    changes = [c for c in plan["resource_changes"] if c["mode"] == "managed"]
    for change in changes:
        assert "delete" not in change["change"]["actions"], change["address"]
        assert change["type"] != "aws_secretsmanager_secret_version", change["address"]
        if change["type"] == "aws_secretsmanager_secret_rotation":
            assert change["change"]["actions"] == ["no-op"], json.dumps(change["change"])
    imported = [c["change"] for c in changes if "importing" in c["change"]]
    kinds = [c["type"] for c in changes if "importing" in c["change"]]
    assert kinds.count("aws_secretsmanager_secret") == text.count("- import:")
    for change in (c for c in imported if "replica" in (c["after"] or {})):
        sides = [{(r["region"], r["kms_key_id"]) for r in change[s]["replica"]}
                 for s in ("before", "after")]  # fmt: skip
        assert (sides[0] == sides[1]) is (change["after"]["name"] not in REPLACED)
    assert kinds.count("aws_secretsmanager_secret_policy") == len(EXPRESSIBLE)
    assert kinds.count("aws_secretsmanager_secret_rotation") == 3
