"""What is done to the applied environment: one plan each, made of the same state."""

import json
import shutil
from dataclasses import dataclass

import yaml

from tests.gate.life import FUNCTION, SERVICE_SECRET, SPEC, Life, edited
from tests.harness.terraform import TerraformFailedError

ROTATION = f'rotation: {{ lambda_arn: "{FUNCTION}", every_days: 30 }}'
SLOWER = ROTATION.replace("30", "60")

LOSSES = edited(
    SPEC,
    ("  app/gone: { kms_key: dedicated, description: The one that goes }\n", ""),
    ("app/moving: { kms_key: going }", "app/moving: {}"),
    (", going: {} }", " }"),
    ("deletion_protection: true", "deletion_protection: false"),
    ("app/read: { readers: [app] }", "app/read: {}"),
    ("    writers: [{ account: app, role: writer }]\n", ""),
    ("app/rekeyed: { kms_key: dedicated }", "app/rekeyed: {}"),
    (f"app/rotated:\n    {ROTATION}", f"app/rotated:\n    recovery_window_days: 7\n    {SLOWER}"),
    ("app/static: { value: { from: variable } }",
     "app/static: { value: { from: variable, version: 2 } }"),
    ("app/theirs: { readers: [app], policy: unmanaged }", "app/theirs: { readers: [app] }"),
    ("dedicated, replicas: [eu-west-1, us-west-2]", "dedicated, replicas: [us-west-2]"),
    (f"app/unrotated: {{ {ROTATION} }}", "app/unrotated: {}"),
    ("app/unrotating: {", f"app/unrotating: {{ {ROTATION},"),
)  # fmt: skip
NEW = (
    "app/new: { readers: [app], replicas: [us-west-2], kms_key: dedicated,"
    " value: { from: generated } }"
)
HARMLESS = edited(
    SPEC,
    ("The one that goes", "The one that stays"),
    ("{ readers: [app] }", "{ readers: [app, { account: app, role: other }], tags: { A: b } }"),
    ("  app/two", f"  {NEW}\n  app/two"),
    ("dedicated, replicas: [", "dedicated, replicas: [ap-south-1, "),
    (f"{ROTATION} }}", f"{ROTATION.replace('30', '20')} }}"),
)  # fmt: skip
_SERVICE = f"""service_secrets:
  orders: {{ arn: "{SERVICE_SECRET}", rotation: {{ every_days: 30 }} }}
"""
MOVED = (
    edited(
        SPEC,
        ("  app/gone: { kms_key: dedicated, description: The one that goes }\n", ""),
        ("  app/west: { replicas: [us-west-2] }\n", ""),
        ("keys: { shared: {}", "keys: { common: {}"),
        ("kms_key: shared }\nsecrets", "kms_key: common }\nsecrets"),
        (_SERVICE, ""),
    )
    + """
changes:
  - move: { from: keys.shared, to: keys.common }
  - forget: secrets.app/gone
  - forget: secrets.app/west
  - forget: service_secrets.orders
"""
)  # fmt: skip


def imports(arns):
    """The spec that takes over secrets and a key: some as they are, some with a change.

    Args:
        arns: ARNs of the secrets by name, and `key` with the id of the key.
    """
    entries = "".join(
        f'  - import: {{ to: secrets.{name}, id: "{arn}"'
        f"{', policy: true' * (name in {'old/faithful', 'old/policy'})}"
        f"{', rotation: true' * (name == 'old/rotated')} }}\n"
        for name, arn in arns.items()
        if name != "key"
    )
    return edited(
        SPEC,
        ("going: {} }", "going: {}, adopted: { description: Adopted } }"),
        ("service_secrets:", f"""  old/adopted: {{ kms_key: adopted }}
  old/described: {{ kms_key: aws-managed, description: Other words }}
  old/faithful: {{ kms_key: adopted, description: As it is, readers: [app] }}
  old/policy: {{ kms_key: adopted }}
  old/rekeyed: {{ kms_key: shared }}
  old/rotated:
    kms_key: aws-managed
    {SLOWER}
  old/value: {{ kms_key: aws-managed, value: {{ from: generated }} }}
service_secrets:"""),
    ) + f"""
changes:
{entries}  - import: {{ to: keys.adopted, id: {arns["key"]} }}
"""  # fmt: skip


def lose(aws):
    """Deletes two secrets and two keys in AWS, without Terraform."""
    secrets, kms = aws.client("secretsmanager"), aws.client("kms")
    secrets.delete_secret(SecretId="app/protected", ForceDeleteWithoutRecovery=True)
    secrets.delete_secret(SecretId="app/read", RecoveryWindowInDays=7)
    for name in ("secret/app/rekeyed", "going"):
        kms.schedule_key_deletion(
            KeyId=kms.describe_key(KeyId=f"alias/life-secrets/{name}")["KeyMetadata"]["KeyId"]
        )


SOMEONE = "arn:aws:iam::222222222222:role/someone"


def brownfield(aws):
    """Creates secrets and a key that no Terraform knows; returns their ids as `imports` wants."""
    secrets, kms = aws.client("secretsmanager"), aws.client("kms")
    policy = json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
         "Action": "kms:*", "Resource": "*"},
        {"Effect": "Allow", "Principal": {"AWS": SOMEONE}, "Action": "kms:Decrypt",
         "Resource": "*"},
    ]})  # fmt: skip
    made = kms.create_key(Description="By hand", KeyUsage="ENCRYPT_DECRYPT", Policy=policy)
    key = made["KeyMetadata"]["KeyId"]
    found = {"key": key}
    for name, given in {
        "adopted": {"KmsKeyId": key},
        "described": {"Description": "Words"},
        "faithful": {"Description": "As it is", "KmsKeyId": key},
        "policy": {"KmsKeyId": key},
        "rekeyed": {},
        "rotated": {},
        "value": {},
    }.items():
        made = secrets.create_secret(Name=f"old/{name}", SecretString="hunter2-4e9b", **given)
        found[f"old/{name}"] = made["ARN"]
    for name, role in (
        ("faithful", "arn:aws:iam::111111111111:role/reader"),
        ("policy", SOMEONE),
    ):
        statement = {
            "Effect": "Allow", "Principal": {"AWS": role}, "Resource": "*",
            "Action": ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"],
        }  # fmt: skip
        secrets.put_resource_policy(
            SecretId=f"old/{name}",
            ResourcePolicy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        )
    aws.client("lambda").add_permission(
        FunctionName="rotate",
        StatementId="by-hand",
        Action="lambda:InvokeFunction",
        Principal="secretsmanager.amazonaws.com",
    )
    secrets.rotate_secret(
        SecretId="old/rotated",
        RotationLambdaARN=FUNCTION,
        RotationRules={"AutomaticallyAfterDays": 30},
        RotateImmediately=False,
    )
    return found


ROLE = """resource "aws_iam_role" "by_hand" {
  name = "by-hand"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" }
  }] })
}
"""
READ = """name                    = "app/read"
  kms_key_id              = module.shared_key__shared.arn"""
STRANGER = "arn:aws:iam::555555555555:role/stranger"
BY_HAND = (
    ("secrets.tf", f'{READ}\n  recovery_window_in_days = 30\n\n  readers = ["',
     f'{READ}\n  recovery_window_in_days = 30\n\n  readers = ["{STRANGER}", "'),
    ("secrets.tf", 'readers = ["arn:aws:iam::111111111111:role/reader"]\n\n  writers',
     "readers = [aws_iam_role.by_hand.arn]\n\n  writers"),
    ("secrets.tf", '"app/moving"', '"app/moving"\n  description = "By hand"'),
    ("providers.tf", "  region              = local.region",
     "  max_retries         = 5\n  region              = local.region"),
    ("by_hand.tf", "", ROLE),
)  # fmt: skip
REPLACED = (("secrets.tf", '"app/protected"', '"app/protected2"'),)


@dataclass(frozen=True)
class Scenario:
    """A plan.

    Attributes:
        spec: the text of the spec.
        options: of `terraform plan`.
        edits: file of the root module, old text and new text, changed by hand.
        expect: exit codes of `terraform plan`.
        consumer: whether the root module of the reader's account is planned as well.
    """

    spec: str = SPEC
    options: tuple[str, ...] = ("-refresh=false",)
    edits: tuple[tuple[str, str, str], ...] = ()
    expect: tuple[int, ...] = (0, 2)
    consumer: bool = False


def make(aws, factory):
    """Makes all plans; returns the projects with their plans, by the title of the scenario."""
    aws.reset()
    life = Life(aws, factory.mktemp("life"), factory.mktemp("scratch"))
    life.begin()
    life.begin_consumer()
    ids = brownfield(aws)
    found = {}
    for title, scenario in {
        "nothing": Scenario(options=(), consumer=True),
        "by hand": Scenario(edits=BY_HAND),
        "targeted": Scenario(options=("-refresh=false", "-target=module.secret__app__read")),
        "replaced": Scenario(edits=REPLACED, expect=(1,)),
        "losses": Scenario(LOSSES, consumer=True),
        "harmless": Scenario(HARMLESS, consumer=True),
        "moved": Scenario(MOVED),
        "imports": Scenario(imports(ids)),
        "lost": Scenario(options=()),  # last: what is deleted for it stays so
    }.items():
        if title == "lost":
            lose(aws)
        found[title] = str(_made(life, title, scenario, factory))
        life.back()
    return found


ATLANTIS = {"nothing": 0, "by hand": 1}
"""Exit codes of the step that Atlantis runs after a plan."""


def atlantis_code(life):
    """Runs what the workflow of the rendered atlantis.yaml runs after a plan."""
    workflows = yaml.safe_load((life.root / "atlantis.yaml").read_text())["workflows"]
    step = life.scratch / "step.sh"
    step.write_text(workflows["secretgen-environment"]["plan"]["steps"][-1]["run"])
    shown = life.scratch / "shown.json"
    given = f"PLANFILE={life.terraform.plan_file} SHOWFILE={shown} DIR={life.folder}"
    try:
        life.terraform.shell(f"{given} sh {step}")
    except TerraformFailedError as error:
        code = error.run.code
    else:
        code = 0
    assert not shown.exists()
    return code


def _made(life, title, scenario, factory):
    # Those of the spec that was applied come first: their modules are initialized.
    is_other = scenario.spec != SPEC
    if is_other:
        life.render(scenario.spec)
    life.edit(scenario.edits)
    plan = life.plan(life.terraform, *scenario.options, init=is_other, expect=scenario.expect)
    if title in ATLANTIS:
        assert atlantis_code(life) == ATLANTIS[title], title
    root = factory.mktemp(title.replace(" ", "-")) / "project"
    shutil.copytree(life.root, root, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))
    (root / "environment.json").write_text(plan)
    if scenario.consumer:
        text = life.plan(life.consumer, "-refresh=false", init=False)
        (root / "app.json").write_text(text)
    return root
