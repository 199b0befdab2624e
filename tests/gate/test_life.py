"""Real plans of one environment: each hazard with its rule, and its harmless neighbours.

The environment is applied once; every other plan is made of its state.
"""

import json

import pytest

from tests.gate.life import FUNCTION, SERVICE_SECRET, SPEC, Life, edited, gate, rules
from tests.rendered import write_spec

pytestmark = [pytest.mark.terraform, pytest.mark.slow(seconds=110)]

ROTATION = f'rotation: {{ lambda_arn: "{FUNCTION}", every_days: 30 }}'
SLOWER = ROTATION.replace("30", "60")

LOSSES = edited(
    SPEC,
    ("  app/gone: { kms_key: dedicated, description: The one that goes }\n", ""),
    ("app/moving: { kms_key: going }", "app/moving: {}"),
    (", going: {} }", " }"),
    ("deletion_protection: true", "deletion_protection: false"),
    ("app/rekeyed: { kms_key: dedicated }", "app/rekeyed: {}"),
    (f"app/rotated:\n    {ROTATION}", f"app/rotated:\n    recovery_window_days: 7\n    {SLOWER}"),
    ("app/static: { value: { from: variable } }",
     "app/static: { value: { from: variable, version: 2 } }"),
    ("dedicated, replicas: [eu-west-1, us-west-2]", "dedicated, replicas: [us-west-2]"),
    (f"app/unrotated: {{ {ROTATION} }}", "app/unrotated: {}"),
    ("app/unrotating: {", f"app/unrotating: {{ {ROTATION},"),
)  # fmt: skip
FOUND = {
    ("SG501", "secret app/gone would be destroyed"),
    ("SG502", "shared key going would be destroyed"),
    ("SG502", "key of secret app/gone would be destroyed"),
    ("SG502", "key of secret app/rekeyed would be destroyed"),
    ("SG502", "key of secret app/two in eu-west-1 would be destroyed"),
    ("SG503", "replica of secret app/two in eu-west-1 would be removed"),
    ("SG505", "secret app/static: value version 2 would overwrite the live value"),
    ("SG509", "secret app/moving would change its key from going to shared"),
    ("SG509", "secret app/rekeyed would change its key from dedicated to shared"),
    ("SG510", "secret app/unrotated would no longer rotate"),
    ("SG510", "secret app/unrotating would begin to rotate"),
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
  - { rule: SG509, of: secrets.app/moving, reason: One key for all }
  - { rule: SG509, of: secrets.app/rekeyed, reason: One key for all }
  - { rule: SG510, of: secrets.app/unrotated, reason: Its function is gone }
  - { rule: SG510, of: secrets.app/unrotating, reason: Its readers ask AWS }
  - { rule: SG512, of: secrets.app/rotated, reason: Agreed }
  - { rule: SG513, of: secrets.app/protected, reason: It goes next week }
"""
NEW = (
    "app/new: { readers: [app], replicas: [us-west-2], kms_key: dedicated,"
    " value: { from: generated } }"
)
SERVICE = f"""service_secrets:
  orders: {{ arn: "{SERVICE_SECRET}", rotation: {{ every_days: 30 }} }}
"""
HARMLESS = edited(
    SPEC,
    ("The one that goes", "The one that stays"),
    ("{ readers: [app] }", "{ readers: [app, { account: app, role: other }], tags: { A: b } }"),
    ("  app/two", f"  {NEW}\n  app/two"),
    ("dedicated, replicas: [", "dedicated, replicas: [ap-south-1, "),
    (f"{ROTATION} }}", f"{ROTATION.replace('30', '20')} }}"),
)  # fmt: skip
MOVED = (
    edited(
        SPEC,
        ("  app/gone: { kms_key: dedicated, description: The one that goes }\n", ""),
        ("keys: { shared: {}", "keys: { common: {}"),
        ("kms_key: shared }\nsecrets", "kms_key: common }\nsecrets"),
        (SERVICE, ""),
    )
    + """
changes:
  - move: { from: keys.shared, to: keys.common }
  - forget: secrets.app/gone
  - forget: service_secrets.orders
"""
)  # fmt: skip


MOVED_BY_HAND = (
    "module.{2}.aws_kms_{1}.this was module.{0}.aws_kms_{1}.this: that move is not rendered from"
    " the spec"
)
KEYS = (
    ("shared_key__shared", "shared_key__common"),
    ("shared_key_eu_west_1__shared", "shared_key_eu_west_1__common"),
)
WHAT = ("key", "alias")


@pytest.fixture(scope="module")
def life(aws_server, tmp_path_factory):
    """The environment, applied."""
    aws_server.reset()
    root, scratch = (tmp_path_factory.mktemp(name) for name in ("life", "scratch"))
    life = Life(aws_server, root, scratch)
    life.begin()
    return life


@pytest.fixture(autouse=True)
def _committed(life):
    life.back()


def planned(life, text, title):
    life.render(text)
    return life.plan(title, "-refresh=false")


def test_a_plan_without_changes(life, capsys):
    plan = life.plan("nothing", init=False)
    assert gate(life.root, plan, capsys, "--strict") == (0, [])


def test_every_loss_is_reported_and_every_entry_allows_it(life, capsys):
    plan = planned(life, LOSSES, "losses")
    code, found = gate(life.root, plan, capsys, "--base", "main")
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
    write_spec(life.root, LOSSES + ALLOWING, "life")
    code, allowed = gate(life.root, plan, capsys, "--base", "main", "--strict")
    assert code == 0, rules(allowed)
    assert {d["severity"] for d in allowed} == {"warning"}
    assert all(d["excused"] for d in allowed)
    assert {(d["rule"], d["summary"]) for d in allowed} == FOUND


def test_what_the_spec_adds_is_no_finding(life, capsys):
    plan = planned(life, HARMLESS, "harmless")
    assert gate(life.root, plan, capsys, "--strict", "--base", "main") == (0, [])


def test_what_moves_or_is_forgotten(life, capsys):
    plan = planned(life, MOVED, "moved")
    code, found = gate(life.root, plan, capsys, "--strict")
    assert (code, rules(found)) == (0, [])
    actions = {
        tuple(c["change"]["actions"]) for c in json.loads(plan.read_text())["resource_changes"]
    }
    assert {("forget",), ("delete", "create")} <= actions
    write_spec(life.root, MOVED.split("changes:")[0], "life")
    code, found = gate(life.root, plan, capsys)
    assert code == 1
    assert set(rules(found)) == {
        ("SG501", "secret app/gone would leave the state"),
        ("SG501", "rotation of service secret orders would leave the state"),
        ("SG502", "key of secret app/gone would leave the state"),
        *(("SG514", MOVED_BY_HAND.format(old, what, new)) for old, new in KEYS for what in WHAT),
    }
