"""How the JSON of a plan is changed, as HCL that somebody wrote by hand would change it."""

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass

ENVIRONMENT, BOOTSTRAP = "production", "production/bootstrap"
CONSUMER = "production/consumers/app-primary"
SECRET = "module.secret__prod__database__master_password.aws_secretsmanager_secret.this"
POLICY = "module.secret__prod__database__master_password.aws_secretsmanager_secret_policy.this"
ROTATION = "module.secret__prod__database__master_password.aws_secretsmanager_secret_rotation.this"
RULE = "aws_cloudwatch_event_rule.rotation_failed"
OTHER_POLICY = "module.secret__prod__app__oauth_client_secret.aws_secretsmanager_secret_policy.this"
VERSION = "module.secret__prod__app__oauth_client_secret.aws_secretsmanager_secret_version.this[0]"
KEY = "module.shared_key__database.aws_kms_key.this"
ALIAS = "module.shared_key__database.aws_kms_alias.this"
PERMISSION = "aws_lambda_permission.rotate_postgres__prod"
TOPIC_POLICY = "aws_sns_topic_policy.alarms"
ALARM_KEY = "aws_kms_key.alarms"
STRANGER = "arn:aws:iam::555555555555:role/stranger"
ROOT = "arn:aws:iam::555555555555:root"
ANOTHER = "arn:aws:secretsmanager:us-east-1:123456789012:secret:x-AbCdEf"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
OPEN = {"Effect": "Allow", "Principal": "*", "Action": "secretsmanager:*", "Resource": "*"}


@dataclass(frozen=True)
class Edit:
    """One way to widen a plan.

    Args:
        title: what was done, for the table.
        root: the root module whose plan it is.
        apply: changes the plan.
        rule: the rule that reports it.
    """

    title: str
    root: str
    apply: Callable[[dict], None]
    rule: str


def change(plan, address):
    (found,) = (c for c in plan["resource_changes"] if c["address"] == address)
    return found["change"]


def planned(plan, address):
    modules = [plan["planned_values"]["root_module"]]
    while modules:
        module = modules.pop()
        modules += module.get("child_modules", [])
        for item in module.get("resources", []):
            if item["address"] == address:
                return item.setdefault("values", {})
    raise KeyError(address)


def setting(address, **values):
    """Makes arguments known, with these values."""

    def apply(plan):
        found, listed = change(plan, address), planned(plan, address)
        for name, value in values.items():
            found["after"][name] = value
            found["after_unknown"].pop(name, None)
            listed[name] = value

    return apply


def unknown(address, *names):
    """Makes arguments known after the apply only."""

    def apply(plan):
        found, listed = change(plan, address), planned(plan, address)
        for name in names:
            found["after"].pop(name, None)
            listed.pop(name, None)
            found["after_unknown"][name] = True

    return apply


def document(address, edit, argument="policy"):
    """Changes a policy document."""

    def apply(plan):
        policy = json.loads(change(plan, address)["after"][argument])
        edit(policy["Statement"])
        setting(address, **{argument: json.dumps(policy)})(plan)

    return apply


def statement(address, index, argument="policy", **elements):
    """Changes elements of a statement."""
    return document(address, lambda statements: statements[index].update(elements), argument)


def condition(address, index, edit, argument="policy"):
    """Changes the conditions of a statement."""
    return document(address, lambda statements: edit(statements[index]["Condition"]), argument)


def extra(type_, name="extra", module="", after=None, unknown=None):
    """Adds a resource to the plan, the planned values and the configuration."""

    def apply(plan):
        local = f"{type_}.{name}"
        address = f"{module}.{local}" if module else local
        values = dict(after or {})
        item = {"mode": "managed", "type": type_, "name": name, "address": address}
        body = {"actions": ["create"], "before": None, "after": values,
                "after_unknown": {"id": True, **dict.fromkeys(unknown or (), True)},
                "before_sensitive": False, "after_sensitive": {}}  # fmt: skip
        plan["resource_changes"].append({**item, "module_address": module, "change": body})
        root = plan["planned_values"]["root_module"]
        place = root if not module else _module(root, module)
        place.setdefault("resources", []).append({**item, "values": copy.deepcopy(values)})
        blocks = plan["configuration"]["root_module"]
        if module:
            blocks = blocks["module_calls"][module.removeprefix("module.")]["module"]
        expressions = {key: {"constant_value": value} for key, value in values.items()}
        expressions |= {key: {"references": ["local.x"]} for key in unknown or ()}
        block = {**item, "address": local, "provider_config_key": "aws", "expressions": expressions}
        blocks.setdefault("resources", []).append(block)

    return apply


def _module(root, address):
    return next(m for m in root["child_modules"] if m["address"] == address)


def block(plan, address):
    """The block of a resource in the configuration."""
    *modules, type_, name = address.split("[")[0].split(".")
    found = plan["configuration"]["root_module"]
    for label in modules[1::2]:
        found = found["module_calls"][label]["module"]
    (item,) = (r for r in found["resources"] if r["address"] == f"{type_}.{name}")
    return item


def expression(address, **expressions):
    """Changes what arguments say in the configuration."""
    return lambda plan: block(plan, address)["expressions"].update(expressions)


def provider(**expressions):
    """Changes settings of the provider."""

    def apply(plan):
        plan["configuration"]["provider_config"]["aws"]["expressions"].update(expressions)

    return apply


def both(*edits):
    def apply(plan):
        for edit in edits:
            edit(plan)

    return apply


def constant(value):
    return {"constant_value": value}


def without(address):
    """Takes a resource out of the plan and of the configuration."""

    def apply(plan):
        plan["resource_changes"] = [c for c in plan["resource_changes"] if c["address"] != address]
        modules = [plan["planned_values"]["root_module"]]
        while modules:
            module = modules.pop()
            modules += module.get("child_modules", [])
            if "resources" in module:
                module["resources"] = [r for r in module["resources"] if r["address"] != address]

    return apply


def remove_statement(sid):
    def edit(statements):
        statements[:] = [s for s in statements if s.get("Sid") != sid]

    return edit


def data_source(plan):
    root = plan["configuration"]["root_module"]
    root["resources"].append({
        "address": "data.aws_secretsmanager_secret_version.x", "mode": "data",
        "type": "aws_secretsmanager_secret_version", "name": "x", "provider_config_key": "aws",
        "expressions": {"secret_id": constant("prod/app/oauth-client-secret")},
    })  # fmt: skip


def provisioner(plan):
    block(plan, TOPIC_POLICY)["provisioners"] = [
        {"type": "local-exec", "expressions": {"command": constant("curl https://example.com")}}
    ]


def module_call(plan):
    plan["configuration"]["root_module"]["module_calls"]["extra"] = {
        "source": "../../elsewhere", "expressions": {}, "module": {"resources": []},
    }  # fmt: skip


def module_source(plan):
    calls = plan["configuration"]["root_module"]["module_calls"]
    calls["secret__prod__database__master_password"]["source"] = "../../modules/ours"


def other_provider(plan):
    plan["configuration"]["provider_config"]["external"] = {"name": "external"}


def moved_provider(plan):
    block(plan, POLICY)["provider_config_key"] = "aws.us_west_2"


def key_argument(**expressions):
    def apply(plan):
        calls = plan["configuration"]["root_module"]["module_calls"]
        calls["secret__prod__database__master_password"]["expressions"].update(expressions)

    return apply


def output(plan):
    plan["configuration"]["root_module"]["outputs"]["leak"] = {
        "expression": {"references": ["var.prod__app__oauth_client_secret"]}
    }


def configured_provider(**elements):
    """Changes what the configuration says of the provider itself."""

    def apply(plan):
        plan["configuration"]["provider_config"]["aws"].update(elements)

    return apply


def item(address, **elements):
    """Changes what a plan says of the change of a resource, beside its values."""

    def apply(plan):
        (found,) = (c for c in plan["resource_changes"] if c["address"] == address)
        found.update(elements)

    return apply


def module_output(plan):
    calls = plan["configuration"]["root_module"]["module_calls"]
    calls["shared_key__database"]["module"]["outputs"]["arn"] = {
        "expression": {"references": ["var.region"]}
    }


def other_output(plan):
    plan["configuration"]["root_module"]["outputs"]["secret_arns"]["expression"] = {
        "references": ["var.prod__app__oauth_client_secret"]
    }


def listed_output(plan):
    plan["output_changes"]["leak"] = {"actions": ["create"], "before": None, "after": "x"}


def root_variable(plan):
    plan["configuration"]["root_module"]["variables"]["extra"] = {"default": "x"}


def repeated(plan):
    calls = plan["configuration"]["root_module"]["module_calls"]
    calls["shared_key__database"]["count_expression"] = constant(1)


def destroyed(type_, action="delete", module=""):
    """Destroys or forgets what no template renders: an orphan in the state."""

    def apply(plan):
        values = {"id": "i-1"}
        body = {"actions": [action], "before": values, "after": None, "after_unknown": {}}
        address = f"{module}.{type_}.web".removeprefix(".")
        listed = {"address": address, "mode": "managed", "type": type_, "name": "web"}
        provider = "registry.terraform.io/hashicorp/aws"
        item = {**listed, "module_address": module, "provider_name": provider, "change": body}
        plan["resource_changes"].append(item)
        prior = plan.setdefault("prior_state", {"values": {"root_module": {}}})["values"]
        prior["root_module"].setdefault("resources", []).append({**listed, "values": values})
        plan["applyable"] = True

    return apply


def replaced(address):
    """Destroys something that is applied already, and creates it again."""

    def apply(plan):
        (found,) = (c for c in plan["resource_changes"] if c["address"] == address)
        values = {**found["change"]["after"], "id": "before"}
        found["change"].update(actions=["delete", "create"], before=values)
        listed = {name: found[name] for name in ("address", "mode", "type", "name")}
        prior = {"values": {"root_module": {"resources": [{**listed, "values": values}]}}}
        plan["prior_state"] = {"format_version": "1.0", **prior}

    return apply


def key_twice(address):
    """Puts an open statement before the rendered ones, under the same key of the document."""

    def apply(plan):
        text = change(plan, address)["after"]["policy"]
        first = json.dumps({"Statement": [OPEN]})[:-1]
        setting(address, policy=f"{first}, {text[1:]}")(plan)

    return apply


def allow(**elements):
    return lambda statements: statements.append({**OPEN, **elements})


def operator(condition):
    """The operator that names the roles of a statement."""
    (name_of,) = (name for name in condition if name.startswith("Arn"))
    return name_of


def named(condition):
    return condition[operator(condition)]


ROLE = "aws_iam_role.secrets_reader"
ROLE_POLICY = "aws_iam_role_policy.secrets_reader"
SG511, SG514, SG517 = "SG511", "SG514", "SG517"
