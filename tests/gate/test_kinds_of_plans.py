"""Plans that were made with other options or programs, or of another state than most."""

import json

import pytest

from secretgen.cli import run
from tests.gate.edits import change, destroyed, unknown
from tests.gate.life import SPEC, edited, gate, rules
from tests.rendered import write_spec

pytestmark = [pytest.mark.terraform, pytest.mark.slow(seconds=1)]

GOING, SHARED = (f"module.shared_key__{name}.aws_kms_key.this" for name in ("going", "shared"))


@pytest.fixture
def gated(scenario, capsys):
    """Returns a function that edits the plan of a scenario and gives it to the gate."""

    def judged(title, edit, spec=None):
        root = scenario(title)
        plan = json.loads((root / "environment.json").read_text())
        plan = edit(plan) or plan
        (root / "edited.json").write_text(json.dumps(plan))
        if spec:
            write_spec(root, spec, "life")
        return gate(root, root / "edited.json", capsys)

    return judged


def without(part):
    return lambda plan: {name: value for name, value in plan.items() if name != part}


def all_destroyed(plan):
    plan["applyable"] = True
    plan["planned_values"] = {"root_module": {}}
    for item in plan["resource_changes"]:
        item["change"].update(actions=["delete"], after=None)


def with_opentofu(plan):
    """The plan as OpenTofu 1.11 writes it: it lists ephemeral resources."""
    del plan["applyable"], plan["complete"]
    plan = json.loads(json.dumps(plan).replace("registry.terraform.io", "registry.opentofu.org"))
    listed = {"mode": "ephemeral", "type": "aws_x", "name": "x", "address": "ephemeral.aws_x.x"}
    provider = {"provider_name": "registry.opentofu.org/hashicorp/aws"}
    opened = {"actions": ["open"], "before": None, "after": None, "after_unknown": {}}
    plan["resource_changes"].append({**listed, **provider, "change": opened})
    plan["configuration"]["root_module"]["resources"].append(listed)
    return plan


def test_refresh_only(gated):
    code, found = gated("nothing", without("resource_changes"))
    ((rule, summary),) = rules(found)
    assert (code, rule) == (1, "SG516")
    assert "lists no resources" in summary


def test_destroy(gated):
    code, found = gated("nothing", all_destroyed)
    summaries = [d["summary"] for d in found]
    assert code == 1
    assert "secret app/protected would be destroyed" in summaries
    assert any(text.endswith("is rendered, but would be destroyed") for text in summaries)
    assert not any("not in the plan" in text for text in summaries)


def test_what_an_incomplete_plan_lacks_is_no_finding(gated):
    words = ("contradicts itself", "is not in the plan")
    for title in ("targeted", "replaced"):
        code, found = gated(title, dict)
        assert code == 1
        assert not [d for d in found if any(text in d["summary"] for text in words)], title


def test_opentofu(gated):
    assert gated("nothing", with_opentofu) == (0, [])
    code, found = gated("targeted", with_opentofu)
    assert code == 1
    assert "SG516" in {d["rule"] for d in found}
    code, found = gated("by hand", without("complete"))
    assert "is not complete" in "".join(d["summary"] for d in found)


def imported_again(*actions):
    """The key `going` is imported, although the state has it as `shared`."""

    def edit(plan):
        key, other = change(plan, GOING), change(plan, SHARED)
        key["importing"] = {"id": "x"}
        for side in ("before", "after"):
            key[side] = {**key[side], "arn": other["before"]["arn"]}
        if actions:
            other.update(actions=list(actions), after=None)

    return edit


@pytest.mark.parametrize("actions", [(), ("delete",), ("forget",)])
def test_import_of_what_the_state_has(actions, gated):
    _, found = gated("nothing", imported_again(*actions))
    twice = f"{GOING} would be imported, but {SHARED} manages the same object"
    assert (("SG515", twice) in rules(found)) is (actions != ("forget",))


def test_a_resource_made_by_hand_leaves(gated):
    what = "aws_iam_role.web"
    forget = f"{SPEC}changes:\n  - forget: {what}\n"
    for action, spec, expected in (
        ("delete", None, f"{what} would be destroyed, and is not rendered from a spec"),
        ("forget", None, f"{what} would leave the state, and no rendered `removed` block says so"),
        ("delete", forget, f"{what} would be destroyed, and is not rendered from a spec"),
        ("forget", forget, None),
    ):
        _, found = gated("nothing", destroyed("aws_iam_role", action), spec)
        assert rules(found) == ([("SG514", expected)] if expected else []), (action, spec)


def test_a_key_and_a_rotation_made_by_hand_leave(gated):
    what = "aws_kms_key.web"
    _, (found,) = gated("nothing", destroyed("aws_kms_key"))
    assert (found["rule"], found["summary"]) == ("SG502", f"key {what} would be destroyed")
    assert f"- forget: {what}" in found["detail"]
    assert f"- forget: keys.{what}" not in found["detail"]
    spec = f"{SPEC}changes:\n  - forget: {what}\n"
    code, (found,) = gated("nothing", destroyed("aws_kms_key", "forget"), spec)
    assert (code, found["rule"], found["severity"]) == (0, "SG502", "warning")
    _, found = gated("nothing", destroyed("aws_secretsmanager_secret_rotation", module="module.x"))
    what = "module.x.aws_secretsmanager_secret_rotation.web would be destroyed"
    assert rules(found) == [("SG514", f"{what}, and is not rendered from a spec")]


@pytest.mark.parametrize(
    ("part", "other"), [("123456789012", "999999999999"), ("us-east-1", "eu-central-1")]
)
def test_a_secret_of_another_account_or_region(gated, part, other):
    address = "module.secret__app__protected.aws_secretsmanager_secret.this"
    arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:app/protected"

    def edit(plan):
        text = json.dumps(plan)
        assert arn in text
        return json.loads(text.replace(arn, arn.replace(part, other)))

    code, found = gated("nothing", edit)
    place = "account 123456789012 in us-east-1".replace(part, other)
    what = f"{address} is in {place}, and its provider is for 123456789012 in us-east-1"
    assert code == 1
    assert ("SG511", what) in rules(found)


REGIONAL = "module.shared_key_us_west_2__shared.aws_kms_key.this"
WEST = "module.secret__app__west.aws_secretsmanager_secret.this"


def test_no_key_is_destroyed_under_a_living_replica(gated):
    """The postcondition that stops such a plan is not part of it."""

    def edit(plan):
        change(plan, REGIONAL).update(actions=["delete"], after=None)

    spec = edited(SPEC, ("app/west: { replicas: [us-west-2] }", "app/west: {}"))
    spec += "changes:\n  - destroy: keys.shared.replicas.us-west-2\n"
    code, found = gated("nothing", edit, spec)
    what = f"{REGIONAL} would be destroyed, but secret app/west stays encrypted with it"
    assert code == 1
    assert ("SG511", what) in rules(found)


def test_replicas_that_are_unknown_are_lost(gated):
    def edit(plan):
        west = change(plan, WEST)
        west["actions"], west["after_unknown"] = ["update"], {"replica": True}
        del west["after"]["replica"]

    code, found = gated("nothing", edit)
    assert code == 1
    assert ("SG503", "replica of secret app/west in us-west-2 would be removed") in rules(found)


LOST = {
    *(f"secret {name} was deleted in AWS" for name in ("app/protected", "app/read")),
    "key module.key__app__rekeyed.aws_kms_key.this was deleted in AWS",
    f"key {GOING} was deleted in AWS",
}
ALLOWED = """
ignore:
  - { rule: SG520, of: secrets.app/protected, reason: It leaked }
  - { rule: SG520, of: secrets.app/read, reason: It leaked }
  - { rule: SG520, of: secrets.app/rekeyed, reason: It leaked }
  - { rule: SG520, of: keys.going, reason: It leaked }
"""


def test_what_was_deleted_in_aws_is_reported(gated):
    code, found = gated("lost", dict)
    assert code == 1
    assert {d["rule"] for d in found} == {"SG520"}
    assert {d["summary"].partition(", and Terraform")[0] for d in found} == LOST
    details = "".join(d["detail"] for d in found)
    assert "aws secretsmanager restore-secret --secret-id app/read --region us-east-1" in details
    assert "aws kms cancel-key-deletion --key-id " in details
    code, found = gated("lost", dict, SPEC + ALLOWED)
    assert (code, len(found)) == (0, 4)
    assert all(d["allowed"] for d in found)


def test_a_key_that_is_lost_and_needed(gated):
    """Its secret gets another key, which AWS does not let it."""
    moved = edited(
        SPEC, ("app/moving: { kms_key: going }", "app/moving: {}"), (", going: {} }", " }")
    )

    def edit(plan):
        (drift,) = (d for d in plan["resource_drift"] if d["address"] == GOING)
        change(plan, GOING)["actions"] = ["no-op"]
        assert drift["change"]["actions"] == ["delete"]

    what = f"key {GOING} was deleted in AWS, and it encrypts app/moving"
    _, found = gated("lost", edit, moved)
    assert ("SG520", what) in rules(found)
    _, found = gated("lost", edit, f"{moved}changes: [destroy: keys.going]\n")
    assert ("SG520", what) not in rules(found)


def test_drift_of_a_policy_hides_no_other_key(gated):
    address = "module.secret__app__theirs.aws_secretsmanager_secret.this"

    def edit(plan):
        theirs = change(plan, address)
        theirs["actions"], theirs["before"]["kms_key_id"] = ["update"], None
        (policy,) = (d for d in plan["resource_drift"] if d["address"].endswith("policy.this"))
        assert policy["change"]["actions"] == ["delete"]

    _, found = gated("lost", edit)
    assert "SG509" in {d["rule"] for d in found}


def test_an_attachment_made_by_hand_leaves(scenario, capsys):
    """Its role keeps the rendered policy, so no reader loses access."""
    root, type_ = scenario("nothing"), "aws_iam_role_policy_attachment"
    plan = json.loads((root / "app.json").read_text())
    destroyed(type_)(plan)
    change(plan, f"{type_}.web")["before"]["role"] = "reader"
    (root / "edited.json").write_text(json.dumps(plan))
    code, found = gate(root, root / "edited.json", capsys, name="consumers/app")
    assert code == 1
    assert [d["rule"] for d in found] == ["SG514"]


def test_default_tags_of_another_commit(scenario, capsys):
    """Where a tag is empty, the provider does not tell what it changes the tags to."""
    root, role, tags = scenario("nothing"), "aws_iam_role.reader_events", {"A": "b", "Owner": ""}
    write_spec(root, SPEC.replace("\nbackend:", '\ntags: { A: b, Owner: "" }\nbackend:'), "life")
    assert run(["render", "--root", str(root)]) == 0
    text = (root / "environment.json").read_text()
    plan = json.loads(text, object_hook=lambda item: _tagged(item, tags))
    (root / "edited.json").write_text(json.dumps(plan))
    assert gate(root, root / "edited.json", capsys) == (0, [])
    unknown(role, "tags_all")(plan)
    change(plan, role)["actions"] = ["update"]
    (root / "edited.json").write_text(json.dumps({**plan, "applyable": True}))
    _, found = gate(root, root / "edited.json", capsys)
    assert rules(found) == [("SG514", f"tags_all of {role} is known only after the apply")]


def _tagged(item, tags):
    given = item.get("tags_all")
    return {**item, "tags_all": {**given, **tags}} if isinstance(given, dict) else item
