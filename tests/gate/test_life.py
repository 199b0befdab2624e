"""Real plans of one environment: each hazard with its rule, and its harmless neighbours.

The environment is applied once; every other plan is made of its state.
"""

import json

import pytest

from secretgen.cli import run
from tests.gate.edits import change
from tests.gate.life import gate, rules
from tests.gate.scenarios import LOSSES, MOVED
from tests.rendered import write_spec

pytestmark = [pytest.mark.terraform, pytest.mark.slow(seconds=1)]

CONSUMER = "consumers/app"
FOUND = {
    ("SG501", "secret app/gone would be destroyed"),
    ("SG502", "shared key going would be destroyed"),
    ("SG502", "key of secret app/gone would be destroyed"),
    ("SG502", "key of secret app/rekeyed would be destroyed"),
    ("SG502", "key of secret app/two in eu-west-1 would be destroyed"),
    ("SG503", "replica of secret app/two in eu-west-1 would be removed"),
    ("SG505", "secret app/static: value version 2 would overwrite the live value"),
    ("SG508", "app:reader could no longer read secret app/read"),
    ("SG508", "app:writer could no longer write secret app/shared"),
    ("SG509", "secret app/moving would change its key from going to shared"),
    ("SG509", "secret app/rekeyed would change its key from dedicated to shared"),
    ("SG510", "secret app/unrotated would no longer rotate"),
    ("SG510", "secret app/unrotating would start to rotate"),
    ("SG512", "secret app/rotated: rotation would change from every 30 days to every 60 days"),
    ("SG512", "secret app/rotated: the recovery window would change from 30 days to 7 days"),
    ("SG513", "secret app/protected would lose its deletion protection"),
}
ALLOWING = """
changes:
  - destroy: secrets.app/gone
  - destroy: keys.going
  - destroy: secrets.app/rekeyed.kms_key
  - destroy: secrets.app/two.replicas.eu-west-1
ignore:
  - { rule: SG505, of: secrets.app/static, reason: The value leaked }
  - { rule: SG508, of: secrets.app/read, reason: It reads another one }
  - { rule: SG508, of: secrets.app/shared, reason: It writes another one }
  - { rule: SG508, of: accounts.app, reason: It is gone }
  - { rule: SG509, of: secrets.app/moving, reason: One key for all }
  - { rule: SG509, of: secrets.app/rekeyed, reason: One key for all }
  - { rule: SG510, of: secrets.app/unrotated, reason: Its function is gone }
  - { rule: SG510, of: secrets.app/unrotating, reason: Its readers ask AWS }
  - { rule: SG512, of: secrets.app/rotated, reason: Agreed }
  - { rule: SG513, of: secrets.app/protected, reason: It goes next week }
"""
MOVED_BY_HAND = (
    "module.{2}.aws_kms_{1}.this was module.{0}.aws_kms_{1}.this: that move is not rendered from"
    " the spec"
)
KEYS = (
    ("shared_key__shared", "shared_key__common"),
    ("shared_key_eu_west_1__shared", "shared_key_eu_west_1__common"),
)
WHAT = ("key", "alias")
PERMISSION = "aws_lambda_permission"


def judged(root, capsys, *options):
    return gate(root, root / "environment.json", capsys, *options)


def access(root, capsys, *plans):
    """The changes of access that a plan shows, as short texts."""
    capsys.readouterr()
    named = [part for plan in plans for part in ("--plan", plan)]
    run(["gate", "--root", str(root), "--format", "json", *named])
    found = json.loads(capsys.readouterr().out)["access"]
    return {
        f"{c['principal']} {c['effect']} {c['right']} {c['secret']} {c['region']}" for c in found
    }


# It waits for the plans to be made; the others find them, as they come later.
@pytest.mark.slow(seconds=45)
def test_a_plan_without_changes(scenario, capsys):
    root = scenario("nothing")
    assert judged(root, capsys, "--strict") == (0, [])
    assert gate(root, root / "app.json", capsys, "--strict", name=CONSUMER) == (0, [])
    assert access(root, capsys, str(root / "environment.json")) == set()


def test_every_loss_is_reported_and_every_entry_allows_it(scenario, capsys):
    root = scenario("losses")
    code, found = judged(root, capsys, "--base", "main")
    assert code == 1
    assert set(rules(found)) == FOUND
    for finding in found:
        assert finding["stage"] == "plan"
        assert finding["address"].startswith("module.")
        assert finding["region"] == (
            "eu-west-1" if "eu-west-1" in finding["summary"] else "us-east-1"
        )
        assert finding["file"].endswith("specs/life.yaml")
        assert finding["line"] > 1
    gone = next(f for f in found if f["summary"] == "secret app/gone would be destroyed")
    assert (gone["file"], gone["line"]) == ("base:specs/life.yaml", 11)
    write_spec(root, LOSSES + ALLOWING, "life")
    code, allowed = judged(root, capsys, "--base", "main", "--strict")
    assert code == 0, rules(allowed)
    assert {d["severity"] for d in allowed} == {"warning"}
    assert all(d["allowed"] for d in allowed)
    assert {(d["rule"], d["summary"]) for d in allowed} == FOUND
    # Terraform could not move the key: the new name was taken.
    moved = ALLOWING.replace("destroy: keys.going", "move: { from: keys.going, to: keys.shared }")
    write_spec(root, LOSSES + moved, "life")
    _, found = judged(root, capsys, "--base", "main")
    (refused,) = (d for d in found if not d.get("allowed"))
    assert (refused["rule"], refused["summary"]) == (
        "SG502",
        "shared key going would be destroyed",
    )


def test_a_policy_is_created_again(scenario, capsys):
    root = scenario("nothing")
    plan = json.loads((root / "environment.json").read_text())
    policy = "module.secret__app__shared.aws_secretsmanager_secret_policy.this"
    change(plan, policy)["actions"] = ["delete", "create"]
    (root / "replaced.json").write_text(json.dumps({**plan, "applyable": True}))
    code, found = gate(root, root / "replaced.json", capsys)
    assert code == 1
    assert rules(found) == [("SG511", f"{policy} would be destroyed, but its secret stays")]


def test_lost_access_in_reader_accounts(scenario, capsys):
    root = scenario("losses")
    code, found = gate(root, root / "app.json", capsys, name=CONSUMER)
    assert code == 0
    assert rules(found) == [
        ("SG508", "app:reader could no longer read secret app/read"),
        ("SG508", "role app:writer would lose its access"),
    ]
    plans = (f"environment={root / 'environment.json'}", f"{CONSUMER}={root / 'app.json'}")
    assert access(root, capsys, *plans) >= {
        "app:reader loses read app/read us-east-1",
        "app:writer loses write app/shared us-east-1",
        "this account:any principal that its IAM policies allow loses read app/two eu-west-1",
    }


def test_additions_of_the_spec_are_not_findings(scenario, capsys):
    root = scenario("harmless")
    assert judged(root, capsys, "--strict", "--base", "main") == (0, [])
    assert gate(root, root / "app.json", capsys, "--strict", name=CONSUMER) == (0, [])
    given = {
        "app:other gains read app/read us-east-1",
        "app:reader gains read app/new us-east-1",
        "app:reader gains read app/new us-west-2",
    }
    own = "this account:any principal that its IAM policies allow gains read app/two ap-south-1"
    assert access(root, capsys, str(root / "environment.json")) == {*given, own}
    assert access(root, capsys, f"{CONSUMER}={root / 'app.json'}") == given


def test_moved_and_forgotten_resources(scenario, capsys):
    root = scenario("moved")
    code, found = judged(root, capsys, "--strict")
    assert (code, rules(found)) == (0, [])
    plan = json.loads((root / "environment.json").read_text())
    actions = {tuple(c["change"]["actions"]) for c in plan["resource_changes"]}
    assert {("forget",), ("delete", "create")} <= actions
    part = "module.shared_key_us_west_2__shared.aws_kms_key.this"
    (kept,) = (c for c in plan["resource_changes"] if c["address"] == part)
    assert kept["change"]["actions"] == ["forget"]
    assert not any(c["change"]["actions"] == ["delete"] for c in plan["resource_changes"])
    kept["change"]["actions"] = ["delete"]
    policy = "module.secret__app__gone.aws_secretsmanager_secret_policy.this"
    (opened,) = (c for c in plan["resource_changes"] if c["address"] == policy)
    opened["change"]["actions"] = ["delete"]
    (root / "destroyed.json").write_text(json.dumps(plan))
    code, found = gate(root, root / "destroyed.json", capsys)
    assert code == 1
    assert ("SG511", f"{policy} would be destroyed, but its secret stays") in rules(found)
    assert ("SG502", "shared key shared in us-west-2 would be destroyed") in rules(found)
    # The entry of another user of the key does not allow what the forgotten secret needs.
    replica = {"region": "us-west-2", "kms_key_id": kept["change"]["before"]["arn"]}
    other = "module.secret__app__read.aws_secretsmanager_secret.this"
    change(plan, other)["before"] = {**change(plan, other)["before"], "replica": [replica]}
    (root / "destroyed.json").write_text(json.dumps(plan))
    write_spec(root, f"{MOVED}  - destroy: secrets.app/read.replicas.us-west-2\n", "life")
    _, found = gate(root, root / "destroyed.json", capsys)
    (lost,) = (d for d in found if "shared in us-west-2 would be destroyed" in d["summary"])
    assert not lost.get("allowed")
    write_spec(root, MOVED.split("changes:")[0], "life")
    code, found = judged(root, capsys)
    assert code == 1
    assert set(rules(found)) == {
        ("SG501", "secret app/gone would leave the state"),
        ("SG501", "rotation of service secret orders would leave the state"),
        ("SG501", "secret app/west would leave the state"),
        ("SG502", "key of secret app/gone would leave the state"),
        ("SG502", "shared key shared in us-west-2 would leave the state"),
        *(("SG514", MOVED_BY_HAND.format(old, what, new)) for old, new in KEYS for what in WHAT),
    }


def test_forgotten_secret_loses_nothing(scenario, capsys):
    root = scenario("nothing")
    whole = (root / "environment.json").read_text()

    def found(**destroyed):
        plan = json.loads(whole)
        for item in plan["resource_changes"]:
            action = destroyed.get(item["type"])
            if item.get("module_address") == "module.secret__app__rotated":
                item["change"].update(actions=[action or "forget"], after=None)
            elif action and item["type"] == PERMISSION:
                item["change"].update(actions=[action], after=None)
        (root / "forgotten.json").write_text(json.dumps(plan))
        return {(rule, text) for rule, text in rules(gate(root, root / "forgotten.json", capsys)[1])
                if rule == "SG510"}  # fmt: skip

    assert found() == set()
    assert found(aws_secretsmanager_secret_rotation="delete") == {
        ("SG510", "secret app/rotated would no longer rotate")
    }
    assert found(aws_lambda_permission="delete") == {
        ("SG510", "secret app/rotated would stay, but no longer rotate")
    }


def test_import_takes_over_existing_secrets(scenario, capsys):
    root = scenario("imports")
    code, found = judged(root, capsys)
    assert code == 1
    secret = "module.secret__old__{}.aws_secretsmanager_secret.this"
    rotation = "module.secret__old__rotated.aws_secretsmanager_secret_rotation.this"
    assert set(rules(found)) == {
        ("SG505", "secret old/value: value version 1 would overwrite the live value"),
        ("SG508", "222222222222:someone could no longer read secret old/policy"),
        ("SG509", "secret old/rekeyed would change its key from aws-managed to shared"),
        ("SG512", "secret old/rotated: rotation would change from every 30 days to every 60 days"),
        ("SG515", f"the import of {secret.format('described')} would change description"),
        ("SG515", f"the import of {secret.format('rekeyed')} would change kms_key_id"),
        ("SG515", f"the import of {rotation} would change rotation_rules"),
    }
    plan = json.loads((root / "environment.json").read_text())
    policy = change(plan, "module.secret__old__policy.aws_secretsmanager_secret_policy.this")
    text = policy["before"]["policy"]
    policy["before"]["policy"] = text.replace('"Principal"', '"NotPrincipal"')
    (root / "other.json").write_text(json.dumps(plan))
    _, found = gate(root, root / "other.json", capsys)
    overwritten = ("SG519", "secret old/policy: its resource policy would be overwritten")
    assert overwritten in rules(found)
    spec = (root / "specs/life.yaml").read_text()
    write_spec(root, spec.split("changes:")[0], "life")
    _, found = judged(root, capsys)
    summaries = [d["summary"] for d in found if d["rule"] == "SG515"]
    assert sum("would be imported, but not as the spec has it" in s for s in summaries) > 8


def test_changes_by_hand(scenario, capsys):
    root = scenario("by hand")
    code, found = judged(root, capsys)
    assert code == 1
    shared = "module.secret__app__shared.aws_secretsmanager_secret_policy.this"
    read = "module.secret__app__read.aws_secretsmanager_secret_policy.this"
    described = "module.secret__app__moving.aws_secretsmanager_secret.this"
    assert {
        ("SG511", f"policy of {read} is not what is rendered from the spec"),
        ("SG514", f"description of {described} is not what is rendered from the spec"),
        ("SG514", "max_retries of provider.aws is set, but is not rendered"),
        ("SG517", f"policy of {shared} is known only after the apply"),
    } <= set(rules(found))
    (opened,) = (d for d in found if d["summary"].startswith(f"policy of {read}"))
    assert "555555555555" in opened["detail"]


def test_incomplete_plan(scenario, capsys):
    for title, words in (("targeted", "is not complete"), ("replaced", "ended with an error")):
        code, found = judged(scenario(title), capsys)
        assert code == 1
        assert any(d["rule"] == "SG516" and words in d["summary"] for d in found), title
