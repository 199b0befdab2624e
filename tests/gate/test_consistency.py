"""A plan whose parts contradict each other is never judged as fine."""

import copy
import json
from typing import Any

import pytest

from secretgen.plan.consistency import contradictions
from secretgen.plan.reading import read_plan
from tests.gate.test_documents import PLAN

KEY = "aws_kms_key"


def resource(name: str, values: dict[str, Any]) -> dict[str, Any]:
    address = f"{KEY}.{name}"
    return {
        "address": address, "mode": "managed", "type": KEY, "name": name, "values": values,
    }  # fmt: skip


def change(name: str, actions: list[str], before: Any, after: Any) -> dict[str, Any]:
    listed = resource(name, {})
    del listed["values"]
    return {**listed, "change": {"actions": actions, "before": before, "after": after}}


KEPT, GONE, OLD, NEW, MADE = (
    {"id": "kept"}, {"id": "gone"}, {"id": "x", "description": "old"},
    {"id": "x", "description": "new"}, {"description": "made"},
)  # fmt: skip
# One key stays, one is updated, one is created and one is destroyed.
WHOLE = {
    **PLAN,
    "resource_changes": [
        change("kept", ["no-op"], KEPT, KEPT),
        change("changed", ["update"], OLD, NEW),
        change("made", ["create"], None, MADE),
        change("gone", ["delete"], GONE, None),
    ],
    "planned_values": {
        "root_module": {
            "resources": [
                resource("kept", KEPT),
                resource("changed", NEW),
                resource("made", MADE),
            ]
        }
    },
    "prior_state": {
        "values": {
            "root_module": {
                "resources": [
                    resource("kept", KEPT),
                    resource("changed", OLD),
                    resource("gone", GONE),
                ]
            }
        }
    },
}


def found(plan: dict[str, Any]) -> list[tuple[str, str]]:
    return list(contradictions(read_plan("plan.json", json.dumps(plan))))


def test_plan_as_terraform_writes_it() -> None:
    assert found(WHOLE) == []


EDITS = {
    "delete here, keep there": "planned_values.root_module.resources += gone",
    "what stays is not among the planned values": "planned_values.root_module.resources -= kept",
    "what is there is not in the state": "prior_state.values.root_module.resources -= kept",
    "what is new is in the state": "prior_state.values.root_module.resources += made",
    "a change is left out": "resource_changes -= gone",
    "a change that does nothing is left out": "resource_changes -= kept",
    "a change is there twice": "resource_changes += gone",
    "an action that Terraform does not have": "actions of kept = keep",
    "nothing changes, but the key goes": "actions of gone = no-op",
    "destroyed, but there afterwards": "actions of changed = delete",
    "created, but there before": "actions of changed = create",
    "unchanged, but with other values": "actions of changed = no-op",
    "updated, but not there before": "actions of made = update",
    "a resource is only read": "actions of kept = read",
    "it cannot be applied, although something changes": "applyable = False",
    "it does not say whether it can be applied": "applyable = None",
    "another type than the address says": "type of kept = aws_kms_alias",
    "another module than the address says": "module_address of kept = module.x",
    "a deposed object that stays": "deposed of changed = 1a2b3c4d",
    "a data source that nobody wrote": "planned_values.root_module.resources += data",
}


def edited(edit: str) -> dict[str, Any]:
    plan = copy.deepcopy(WHOLE)
    if edit.startswith("actions of "):
        name, action = edit.removeprefix("actions of ").split(" = ")
        (item,) = (c for c in plan["resource_changes"] if c["name"] == name)
        item["change"]["actions"] = [action]
        return plan
    if edit.startswith("applyable"):
        return {**plan, "applyable": None if edit.endswith("None") else False}
    if " of " in edit:
        key, name, value = edit.replace(" of ", " ").replace(" = ", " ").split(" ")
        (item,) = (c for c in plan["resource_changes"] if c["name"] == name)
        item[key] = value
        return plan
    path, sign, name = edit.split(" ")
    listed: Any = plan
    for key in path.split("."):
        listed = listed[key]
    if sign == "-=":
        listed[:] = [item for item in listed if item["name"] != name]
    elif path == "resource_changes":
        listed += [item for item in listed if item["name"] == name]
    elif name == "data":
        listed.append({**resource("x", {}), "mode": "data", "address": f"data.{KEY}.x"})
    else:
        listed.append(resource(name, GONE if name == "gone" else MADE))
    return plan


@pytest.mark.parametrize("name", EDITS)
def test_a_plan_that_contradicts_itself(name: str) -> None:
    assert found(edited(EDITS[name]))


def test_the_plan_as_a_whole() -> None:
    ((address, what),) = found({**WHOLE, "applyable": None})
    assert (address, what) == ("", "it does not tell whether it can be applied")
    ((address, what),) = found({**WHOLE, "applyable": False})
    assert what.startswith("it changes resources, but")
