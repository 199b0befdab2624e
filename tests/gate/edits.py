"""Plans that do more than their spec says: each a real plan, changed as HCL by hand would."""

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass

ENVIRONMENT, BOOTSTRAP = "production", "production/bootstrap"
CONSUMER = "production/consumers/app-primary"
SECRET = "module.secret__prod__database__master_password.aws_secretsmanager_secret.this"
POLICY = "module.secret__prod__database__master_password.aws_secretsmanager_secret_policy.this"
ROTATION = "module.secret__prod__database__master_password.aws_secretsmanager_secret_rotation.this"
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


def _data_source(plan):
    root = plan["configuration"]["root_module"]
    root["resources"].append({
        "address": "data.aws_secretsmanager_secret_version.x", "mode": "data",
        "type": "aws_secretsmanager_secret_version", "name": "x", "provider_config_key": "aws",
        "expressions": {"secret_id": constant("prod/app/oauth-client-secret")},
    })  # fmt: skip


def _provisioner(plan):
    block(plan, TOPIC_POLICY)["provisioners"] = [
        {"type": "local-exec", "expressions": {"command": constant("curl https://example.com")}}
    ]


def _module_call(plan):
    plan["configuration"]["root_module"]["module_calls"]["extra"] = {
        "source": "../../elsewhere", "expressions": {}, "module": {"resources": []},
    }  # fmt: skip


def _module_source(plan):
    calls = plan["configuration"]["root_module"]["module_calls"]
    calls["secret__prod__database__master_password"]["source"] = "../../modules/ours"


def _other_provider(plan):
    plan["configuration"]["provider_config"]["external"] = {"name": "external"}


def _moved_provider(plan):
    block(plan, POLICY)["provider_config_key"] = "aws.us_west_2"


def _key_argument(**expressions):
    def apply(plan):
        calls = plan["configuration"]["root_module"]["module_calls"]
        calls["secret__prod__database__master_password"]["expressions"].update(expressions)

    return apply


def _output(plan):
    plan["configuration"]["root_module"]["outputs"]["leak"] = {
        "expression": {"references": ["var.prod__app__oauth_client_secret"]}
    }


def _variable(plan):
    plan["variables"]["prod__app__oauth_client_secret"] = {"value": "hunter2-8c1f"}
    given = plan["configuration"]["root_module"]["variables"]
    given["prod__app__oauth_client_secret"]["default"] = "hunter2-8c1f"


def _allow(**elements):
    return lambda statements: statements.append({**OPEN, **elements})


def _operator(condition):
    """The operator that names the roles of a statement."""
    (operator,) = (name for name in condition if name.startswith("Arn"))
    return operator


def _named(condition):
    return condition[_operator(condition)]


ROLE = "aws_iam_role.secrets_reader"
ROLE_POLICY = "aws_iam_role_policy.secrets_reader"
SG511, SG514, SG517 = "SG511", "SG514", "SG517"


def widening():
    """Yields all of them."""
    for title, root, apply, rule in _widening():
        yield Edit(title, root, apply, rule)


def _widening():
    e, b = ENVIRONMENT, BOOTSTRAP
    yield from (
        # Resource policies
        ("resource policy: principal `*` in the readers' statement", e,
         statement(POLICY, 0, Principal="*"), SG511),
        ("resource policy: another account among the principals", e,
         document(POLICY, lambda s: s[0]["Principal"]["AWS"].append(ROOT)), SG511),
        ("resource policy: another role in the condition", e,
         condition(POLICY, 0, lambda c: _named(c)["aws:PrincipalArn"].append(STRANGER)),
         SG511),
        ("resource policy: `role/*` in the condition", e,
         condition(POLICY, 0, lambda c: _named(c).update(
             {"aws:PrincipalArn": "arn:aws:iam::111111111111:role/*"})), SG511),
        ("resource policy: `StringLike` in the condition", e,
         condition(POLICY, 0, lambda c: c.update({"StringLike": c.pop(_operator(c))})), SG511),
        ("resource policy: `ArnLikeIfExists`", e,
         condition(POLICY, 0, lambda c: c.update({"ArnLikeIfExists": c.pop(_operator(c))})),
         SG511),
        ("resource policy: no condition", e,
         document(POLICY, lambda s: s[0].pop("Condition")), SG511),
        ("resource policy: `secretsmanager:*`", e,
         statement(POLICY, 0, Action="secretsmanager:*"), SG511),
        ("resource policy: one more action", e,
         document(POLICY, lambda s: s[0]["Action"].append("secretsmanager:PutSecretValue")),
         SG511),
        ("resource policy: `NotAction`", e,
         document(POLICY, lambda s: s[0].update({"NotAction": s[0].pop("Action")})), SG511),
        ("resource policy: `NotPrincipal`", e,
         document(POLICY, lambda s: s[0].update({"NotPrincipal": s[0].pop("Principal")})),
         SG511),
        ("resource policy: another Allow statement", e, document(POLICY, _allow()), SG511),
        ("resource policy: an AWS service may read", e,
         document(POLICY, _allow(Principal={"Service": "lambda.amazonaws.com"})), SG511),
        ("resource policy: a federated principal may read", e,
         document(POLICY, _allow(Principal={"Federated": "accounts.google.com"})), SG511),
        ("resource policy: no Deny without TLS", e,
         document(POLICY, remove_statement("DenyInsecureTransport")), SG511),
        ("resource policy: the Deny without TLS for one action only", e,
         statement(POLICY, -1, Action="secretsmanager:GetSecretValue"), SG511),
        ("resource policy: the Deny without TLS spares a role", e,
         condition(POLICY, -1, lambda c: c.update(
             {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::111111111111:role/x"}})), SG511),
        ("resource policy: the Deny became an Allow", e,
         statement(POLICY, -1, Effect="Allow"), SG511),
        ("resource policy: a reader is taken out", e,
         condition(POLICY, 0, lambda c: _named(c).update(
             {"aws:PrincipalArn": "arn:aws:iam::111111111111:role/secrets-reader"})), SG511),
        ("resource policy: a Deny for everybody", e,
         document(POLICY, _allow(Effect="Deny")), SG511),
        ("resource policy: an empty document", e, setting(POLICY, policy="{}"), SG511),
        ("resource policy: not JSON", e, setting(POLICY, policy="open sesame"), SG511),
        ("resource policy: known only after the apply", e, unknown(POLICY, "policy"), SG517),
        ("resource policy: attached to another secret", e,
         setting(POLICY, secret_arn=ANOTHER),
         SG511),
        ("resource policy: refers to another secret", e,
         expression(POLICY, secret_arn={"references": ["var.other"]}), SG511),
        ("resource policy: public policies are not blocked", e,
         setting(POLICY, block_public_policy=False), SG511),
        ("resource policy: missing", e, without(POLICY), SG511),
        ("a second resource policy of a secret", e,
         extra("aws_secretsmanager_secret_policy", after={"policy": json.dumps(OPEN)}), SG511),
        ("a resource policy in the secret itself", e,
         setting(SECRET, policy=json.dumps({"Statement": [OPEN]})), SG511),
        # Secrets
        ("secret: a key of somebody else", e,
         setting(SECRET, kms_key_id="arn:aws:kms:us-east-1:555555555555:key/1"), SG511),
        ("secret: its key refers to another module", e,
         _key_argument(kms_key_id={"references": ["module.key__x.arn", "module.key__x"]}),
         SG511),
        ("secret: a replica in another Region", e,
         setting(SECRET, replica=[{"region": "us-west-2"}, {"region": "ap-east-1"}]), SG514),
        ("secret: a replica takes the place of another secret", e,
         setting(SECRET, force_overwrite_replica_secret=True), SG511),
        ("secret: the tag that protects it is gone", e, setting(SECRET, tags={}), SG514),
        ("secret: made in another Region", e,
         lambda plan: block(plan, SECRET).update(provider_config_key="aws.us_west_2"), SG514),
        ("version: a value in clear", e, setting(VERSION, secret_string="hunter2-8c1f"), SG514),
        ("version: the value is a literal in the configuration", e,
         expression(VERSION, secret_string_wo=constant("hunter2-8c1f")), SG514),
        ("rotation: another function", e,
         setting(ROTATION, rotation_lambda_arn="arn:aws:lambda:us-east-1:555555555555:function:x"),
         SG511),
        ("rotation: its function is known only after the apply", e,
         unknown(ROTATION, "rotation_lambda_arn"), SG517),
        ("an extra secret", e, extra("aws_secretsmanager_secret", after={"name": "prod/extra"}),
         SG514),
        # Keys
        ("key policy: another account", e,
         document(KEY, lambda s: s[1]["Principal"]["AWS"].append(ROOT)), SG511),
        ("key policy: `kms:*` for a reader", e, statement(KEY, 1, Action="kms:*"), SG511),
        ("key policy: `kms:CreateGrant` as well", e,
         statement(KEY, 1, Action=["kms:Decrypt", "kms:CreateGrant"]), SG511),
        ("key policy: any service", e,
         condition(KEY, 1, lambda c: c.pop("StringEquals")), SG511),
        ("key policy: any secret", e,
         condition(KEY, 1, lambda c: c["StringLike"].update(
             {"kms:EncryptionContext:SecretARN": "*"})), SG511),
        ("key policy: another Region's Secrets Manager", e,
         condition(KEY, 1, lambda c: c["StringEquals"].update(
             {"kms:ViaService": "secretsmanager.*.amazonaws.com"})), SG511),
        ("key policy: administration from another account", e,
         document(KEY, lambda s: s[0].update({"Principal": {"AWS": ROOT}})), SG511),
        ("key policy: known only after the apply", e, unknown(KEY, "policy"), SG517),
        ("key: its policy may lock everybody out", e,
         setting(KEY, bypass_policy_lockout_safety_check=True), SG511),
        ("key: does not rotate", e, setting(KEY, enable_key_rotation=False), SG514),
        ("key: switched off", e, setting(KEY, is_enabled=False), SG511),
        ("key: another alias", e, setting(ALIAS, name="alias/other"), SG514),
        ("alias: of another key", e, setting(ALIAS, target_key_id="1a2b3c4d"), SG511),
        ("a grant of a key", e,
         extra("aws_kms_grant", after={"grantee_principal": STRANGER, "operations": ["Decrypt"]}),
         SG511),
        ("a grant that is known only after the apply", e,
         extra("aws_kms_grant", unknown=["grantee_principal", "key_id"]), SG511),
        ("a policy beside the key", e, extra("aws_kms_key_policy", unknown=["policy"]), SG511),
        ("a replica of a key in another Region", e,
         extra("aws_kms_replica_key", after={"primary_key_arn": "arn:x"}), SG514),
        ("the key of the alarms: everybody may decrypt", e,
         document(ALARM_KEY, _allow(Action="kms:Decrypt")), SG511),
        # Functions, topics
        ("Lambda permission: everybody may invoke", e, setting(PERMISSION, principal="*"), SG511),
        ("Lambda permission: another account", e,
         setting(PERMISSION, source_account="555555555555"), SG511),
        ("Lambda permission: any secret", e, setting(PERMISSION, source_arn=None), SG511),
        ("an extra Lambda permission", e,
         extra("aws_lambda_permission", after={"principal": "*", "function_name": "rotate"}),
         SG511),
        ("topic policy: everybody may subscribe", e,
         document(TOPIC_POLICY, _allow(Action="sns:Subscribe")), SG511),
        ("an extra subscriber of the alarms", e,
         extra("aws_sns_topic_subscription", after={"protocol": "https",
               "endpoint": "https://example.com"}), SG511),
        # Identities beside the secrets
        ("an extra role", e,
         extra("aws_iam_role", after={"name": "x", "assume_role_policy": json.dumps(OPEN)}),
         SG511),
        ("an extra attachment of AdministratorAccess", e,
         extra("aws_iam_role_policy_attachment", after={"role": "x", "policy_arn": ADMIN}),
         SG511),
        ("an attachment whose policy is known only after the apply", e,
         extra("aws_iam_role_policy_attachment", unknown=["policy_arn"]), SG511),
        ("an extra user with a key", e, extra("aws_iam_access_key", after={"user": "x"}), SG511),
        ("a share of Resource Access Manager", e,
         extra("aws_ram_principal_association", after={"principal": "555555555555"}), SG511),
        # Terraform itself
        ("a data source that reads a value", e, _data_source, SG514),
        ("a command that runs during the apply", e, _provisioner, SG514),
        ("a `null_resource`", e, extra("null_resource"), SG514),
        ("an extra module", e, _module_call, SG514),
        ("a module from elsewhere", e, _module_source, SG514),
        ("another provider", e, _other_provider, SG514),
        ("a resource of another provider alias", e, _moved_provider, SG514),
        ("an output of a value", e, _output, SG514),
        ("provider: another endpoint", e,
         provider(endpoints=[{"secretsmanager": constant("https://example.com")}]), SG514),
        ("provider: another role", e,
         provider(assume_role=[{"role_arn": constant(STRANGER)}]), SG514),
        ("provider: another profile", e, provider(profile=constant("other")), SG514),
        ("provider: no allowed accounts", e,
         lambda plan: plan["configuration"]["provider_config"]["aws"]["expressions"].pop(
             "allowed_account_ids"), SG514),
        ("provider: other allowed accounts", e,
         provider(allowed_account_ids=constant(["555555555555"])), SG514),
        ("provider: another Region", e, provider(region=constant("us-west-2")), SG514),
        ("provider: access keys", e, provider(access_key=constant("AKIA")), SG514),
        ("provider: checks are skipped", e,
         provider(skip_requesting_account_id=constant(value=True)), SG514),
        ("provider: no default tags", e,
         lambda plan: plan["configuration"]["provider_config"]["aws"]["expressions"].pop(
             "default_tags"), SG514),
        # The state
        ("state bucket: everybody may read", b,
         document("aws_s3_bucket_policy.state", _allow(Action="s3:GetObject")), SG511),
        ("state bucket: public access is not blocked", b,
         setting("aws_s3_bucket_public_access_block.state", block_public_policy=False), SG511),
        ("state bucket: another encryption", b,
         setting("aws_s3_bucket_server_side_encryption_configuration.state", rule=[
             {"apply_server_side_encryption_by_default": [{"sse_algorithm": "AES256"}]}]),
         SG514),
        ("state bucket: no versions", b,
         setting("aws_s3_bucket_versioning.state", versioning_configuration=[
             {"status": "Suspended"}]), SG514),
        ("state bucket: an ACL", b, extra("aws_s3_bucket_acl", after={"acl": "public-read"}),
         SG511),
        ("key of the state: another account", b,
         document("aws_kms_key.state", _allow(Principal={"AWS": ROOT}, Action="kms:*")), SG511),
    )  # fmt: skip
    yield from _widened_roles()


def _widened_roles():
    c = CONSUMER
    yield from (
        ("role: everybody in AWS may assume it", c,
         document(ROLE, lambda s: s[0].update({"Principal": {"AWS": "*"}}),
                  "assume_role_policy"), SG511),
        ("role: another account may assume it", c,
         document(ROLE, lambda s: s.append({"Effect": "Allow", "Principal": {"AWS": ROOT},
                                              "Action": "sts:AssumeRole"}),
                  "assume_role_policy"), SG511),
        ("role: another service may assume it", c,
         document(ROLE, lambda s: s[0].update({"Principal": {"Service": "x.amazonaws.com"}}),
                  "assume_role_policy"), SG511),
        ("role: trust known only after the apply", c, unknown(ROLE, "assume_role_policy"),
         SG517),
        ("role: managed policies of its own", c, setting(ROLE, managed_policy_arns=[ADMIN]),
         SG511),
        ("role: managed policies known only after the apply", c,
         expression(ROLE, managed_policy_arns={"references": ["local.x"]}), SG511),
        ("role: inline policies of its own", c,
         setting(ROLE, inline_policy=[{"name": "x", "policy": json.dumps(OPEN)}]), SG511),
        ("role: a permissions boundary", c, setting(ROLE, permissions_boundary=ADMIN), SG511),
        ("identity policy: every secret", c,
         document(ROLE_POLICY, lambda s: s[0].update({"Resource": "*"})), SG511),
        ("identity policy: may write", c,
         document(ROLE_POLICY, lambda s: s[0]["Action"].append("secretsmanager:PutSecretValue")),
         SG511),
        ("identity policy: decrypts anything", c,
         document(ROLE_POLICY, lambda s: s[-1].pop("Condition")), SG511),
        ("identity policy: another statement", c,
         document(ROLE_POLICY, lambda s: s.append(
             {"Effect": "Allow", "Action": "*", "Resource": "*"})), SG511),
        ("identity policy: known only after the apply", c, unknown(ROLE_POLICY, "policy"),
         SG517),
        ("identity policy: of another role", c, setting(ROLE_POLICY, role="admin"), SG511),
        ("identity policy: missing", c, without(ROLE_POLICY), SG511),
        ("an attachment of AdministratorAccess to the reader", c,
         extra("aws_iam_role_policy_attachment", after={"role": "r", "policy_arn": ADMIN}), SG511),
        ("an attachment exclusive for a policy", c,
         extra("aws_iam_policy_attachment", unknown=["policy_arn"]), SG511),
        ("an extra instance profile", c,
         extra("aws_iam_instance_profile", after={"role": "admin"}), SG511),
        ("an OpenID Connect provider", c,
         extra("aws_iam_openid_connect_provider", after={"url": "https://example.com"}), SG511),
    )  # fmt: skip
