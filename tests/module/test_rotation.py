"""Rotation functions that an environment deploys from the Serverless Application Repository."""

import re
from itertools import product
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretgen.model.applications import APPLICATIONS, application_id, application_version
from secretgen.model.environment import Partition
from secretgen.model.layout import DEFAULT_LAYOUT
from secretgen.render.files import render_environment
from secretgen.render.templates import environment
from secretgen.render.views.rotation_view import rotation_views
from secretgen.spec.load import load_spec
from secretgen.spec.secret_schema import Application
from tests.harness.terraform import Terraform
from tests.harness.workspace import copy_tree, write_offline_override
from tests.rendered import render

ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:{}-AbCdEf"
ADMIN = ARN.format("db/admin")
VPC = "vpc: { subnet_ids: [subnet-0a1b2c3d], security_group_ids: [sg-0a1b2c3d] }"
SPEC = f"""
version: 1
environment: test
aws: {{ account_id: "123456789012", region: us-east-1 }}
backend: {{ bucket: test-terraform-state, locking: s3 }}
keys: {{ database: {{}} }}
secrets:
  db/admin:
    kms_key: database
    rotation: {{ application: postgresql-single-user, every_days: 30, {VPC} }}
  db/app:
    value:
      from: json
      fields:
        engine: {{ literal: postgres }}
        host: {{ literal: db.example.com }}
        masterarn: {{ literal: "{ADMIN}" }}
        password: {{ from: generated, exclude_characters: "!," }}
        username: {{ literal: app }}
    rotation: {{ application: postgresql-multi-user, every_days: 30, {VPC} }}
"""


def blocks(spec: str) -> dict[str, str]:
    loaded = load_spec(spec.encode(), "specs/test.yaml").environment
    assert loaded
    text = render_environment(loaded, environment())["environments/test/rotation.tf"]
    return dict(re.findall(r'^module "(\w+)" \{\n(.*?)^\}', text, re.MULTILINE | re.DOTALL))


def argument(block: str, name: str) -> str | None:
    found = re.search(rf"^  {name} += (.+)$", block, re.MULTILINE)
    return found[1] if found else None


def test_every_application_of_the_spec_exists_in_aws() -> None:
    pairs = {tuple(name.split("-", 1)) for name in get_args(Application)}
    engines, strategies = ({pair[i] for pair in pairs} for i in (0, 1))
    assert pairs == set(product(engines, strategies))
    ids = {application_id(Partition.AWS, name) for name in get_args(Application)}
    assert len(ids) == len(pairs)


@pytest.mark.parametrize(
    ("partition", "publisher"),
    [
        (Partition.AWS, "arn:aws:serverlessrepo:us-east-1:297356227824"),
        (Partition.GOVCLOUD, "arn:aws-us-gov:serverlessrepo:us-gov-west-1:023102451235"),
        (Partition.CHINA, "arn:aws-cn:serverlessrepo:cn-north-1:193023089310"),
    ],
)
def test_each_partition_has_its_publisher(partition: Partition, publisher: str) -> None:
    known = {
        "mysql-single-user": "SecretsManagerRDSMySQLRotationSingleUser",
        "redshift-multi-user": "SecretsManagerRedshiftRotationMultiUser",
        "sqlserver-single-user": "SecretsManagerRDSSQLServerRotationSingleUser",
    }
    for application, name in known.items():
        assert application_id(partition, application) == f"{publisher}:applications/{name}"


def test_functions_know_their_keys_and_their_superuser() -> None:
    functions = blocks(SPEC)
    assert functions.keys() == {"rotation__db__admin", "rotation__db__app"}
    admin, app = functions["rotation__db__admin"], functions["rotation__db__app"]
    assert argument(admin, "kms_key_arn") == "module.shared_key__database.arn"
    assert argument(admin, "superuser_secret_arn") is None
    assert argument(app, "kms_key_arn") == "module.key__db__app.arn"
    assert argument(app, "superuser_secret_arn") == "module.secret__db__admin.arn"
    assert argument(app, "superuser_kms_key_arn") == "module.shared_key__database.arn"
    assert argument(admin, "exclude_characters") is None
    assert argument(app, "exclude_characters") == '"!,"'
    assert argument(app, "semantic_version") == '"1.1.671"'


@pytest.mark.parametrize(
    ("named", "arn"),
    [
        (ARN.format("db/admin"), "module.secret__db__admin.arn"),
        (ARN.format("elsewhere"), f'"{ARN.format("elsewhere")}"'),
    ],
)
def test_superuser_is_given_by_arn(named: str, arn: str | None) -> None:
    spec = SPEC.replace(ARN.format("db/admin"), named)
    app = blocks(spec)["rotation__db__app"]
    assert argument(app, "superuser_secret_arn") == arn


NAME = st.text("ab/-_+=.@", min_size=1, max_size=200).filter(lambda name: name.strip("/"))


@given(st.lists(NAME, min_size=1, max_size=5, unique=True))
def test_names_are_what_lambda_and_cloudformation_take(names: list[str]) -> None:
    head = SPEC[: SPEC.index("secrets:")]
    rotated = f"{{ rotation: {{ application: mysql-single-user, every_days: 30, {VPC} }} }}"
    spec = head + "secrets:\n" + "".join(f'  "{name}": {rotated}\n' for name in names)
    loaded = load_spec(spec.encode(), "specs/test.yaml").environment
    assert loaded
    made = [view.name for view in rotation_views(loaded, DEFAULT_LAYOUT)]
    assert len(set(made)) == len(names)
    for name in made:
        assert re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,63}", name)


@pytest.mark.parametrize("partition", Partition)
def test_each_application_has_a_version_in_each_partition(partition: Partition) -> None:
    for application in APPLICATIONS:
        assert re.fullmatch(r"1\.1\.[0-9]{3}", application_version(partition, application))


@pytest.mark.terraform
def test_terraform_finds_the_environment_valid(tmp_path: Path, scratch: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    folder = render(project, SPEC)
    work = copy_tree(project, tmp_path / "tree") / "environments" / folder.name
    write_offline_override(work)
    terraform = Terraform(work, scratch)
    terraform.init()
    assert terraform.validate() == []
