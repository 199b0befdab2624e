"""Plans in the shape of `terraform show -json`, and their access report."""

import json

from secretgen.insight.access.plan import planned_policies
from secretgen.insight.access.plan_file import Plan
from secretgen.insight.access.report import access_report
from secretgen.model.names import key_modules, secret_module
from secretgen.policy.documents import key_policy, secret_policy
from secretgen.policy.identity import role_policy
from secretgen.policy.trust import trust_policy
from tests.insight.environments import in_organization

ENVIRONMENT = in_organization(
    secrets={
        "prod/a": {"kms_key": "database", "readers": ["app-primary"], "replicas": ["us-west-2"]},
        "prod/b": {"readers": ["app-primary", "partner"]},
    }
)

READ = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
SECRET_A = f"module.{secret_module('prod/a')}"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"


def resource(module, kind, name="this", **values):
    """A resource; an argument that is taken already is given with a `_` behind it."""
    address = ".".join(part for part in (module, kind, name) if part)
    item = {"address": address, "mode": "managed", "type": kind, "name": name}
    known = {k.rstrip("_"): json.dumps(v) if k == "policy" else v for k, v in values.items()}
    # Terraform leaves the key out when no value is known before the apply.
    return module, {**item, "values": known} if known else item


def plan_text(resources, *, key="planned_values", accounts=(), arguments=None):
    """The JSON of a plan in the shape of `terraform show -json`.

    Args:
        resources: with their modules.
        key: `values` for a state.
        accounts: what the provider is limited to.
        arguments: for each module, the arguments that blocks set, and what they refer to.
    """
    resources = [
        (module, with_arns(module, r) if key == "values" else r) for module, r in resources
    ]
    root = {"resources": [r for module, r in resources if not module]}
    modules = dict.fromkeys(module for module, _ in resources if module)
    root["child_modules"] = [
        {"address": module, "resources": [r for m, r in resources if m == module]}
        for module in modules
    ]
    limits = {"constant_value": list(accounts)} if accounts else {"references": ["local.x"]}
    providers = {"aws": {"name": "aws", "expressions": {"allowed_account_ids": limits}}}
    written = {
        (module, f"{r['type']}.{r['name']}"): {argument: [f"{other}.arn", other]}
        for module, r in resources
        for argument, other in given(r)
    }
    for module, block in (arguments or {}).items():
        written |= {(module, address): block[address] for address in block}
    blocks = {module: [] for module in ("", *(m for m, _ in written))}
    for (module, address), references in written.items():
        expressions = {name: {"references": of} for name, of in references.items()}
        blocks[module].append({"address": address, "expressions": expressions})
    calls = {
        m.removeprefix("module."): {"module": {"resources": b}} for m, b in blocks.items() if m
    }
    configuration = {
        "provider_config": providers,
        "root_module": {"resources": blocks[""], "module_calls": calls},
    }
    return json.dumps({key: {"root_module": root}, "configuration": configuration})


def given(item):
    """The arguments of a resource that are the ARN of one beside it, with the address of that."""
    if item["type"] == "aws_secretsmanager_secret_policy":
        yield "secret_arn", "aws_secretsmanager_secret.this"
    if item["type"] == "aws_iam_role_policy_attachment":
        yield "policy_arn", f"aws_iam_policy.{item['name']}"


def with_arns(module, item):
    """A resource of a secret as a state has it: with the ARN of the secret."""
    names = {"aws_secretsmanager_secret": "arn", "aws_secretsmanager_secret_policy": "secret_arn"}
    if item["type"] not in names:
        return item
    return {**item, "values": {**item["values"], names[item["type"]]: f"arn:of:{module}"}}


def environment_resources(env=ENVIRONMENT):
    for secret in env.secrets:
        module = f"module.{secret_module(secret.name)}"
        yield resource(module, "aws_secretsmanager_secret", name_="x")
        document = secret_policy(env, secret)
        yield resource(module, "aws_secretsmanager_secret_policy", policy=document)
    for key in env.keys:
        modules = key_modules(key)
        for regional in key.regions:
            document = key_policy(env.aws, regional)
            module = f"module.{modules[regional.region]}"
            yield resource(module, "aws_kms_key", policy=document)


def account_resources(name, env=ENVIRONMENT):
    (account,) = (a for a in env.accounts if a.name == name)
    for role in account.roles:
        plain = role.name.split("/")[-1]
        trust = json.dumps(trust_policy(env.aws.partition, account, role))
        yield resource("", "aws_iam_role", "reader", name_=plain, assume_role_policy=trust)
        yield resource(
            "", "aws_iam_role_policy", "reader", role=plain, policy=role_policy(env, role)
        )


def environment_plan(env=ENVIRONMENT, **options):
    return Plan("plan.json", plan_text(list(environment_resources(env)), **options))


def account_plan(name, **options):
    return Plan(f"{name}.json", plan_text(list(account_resources(name)), **options))


def report(*plans, env=ENVIRONMENT):
    planned = planned_policies(env, plans)
    return access_report(env, planned.policies, findings=planned.findings, notes=planned.notes)


PARTNER = account_plan("partner", accounts=["444444444444"])
APP = Plan("app.json", account_plan("app-primary").text, account="app-primary")
