"""Real first plans of every root module of the reference specs, made once."""

import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.gate.life import LOCAL
from tests.harness.terraform import Terraform
from tests.rendered import render_all

AT_ONCE = 3


@pytest.fixture(scope="session")
def project(tmp_path_factory):
    """A project with the reference specs, rendered."""
    root = tmp_path_factory.mktemp("references")
    render_all(root)
    return root


@pytest.fixture(scope="session")
def first_plans(aws_server, project, tmp_path_factory):
    """JSON of the first plan of every root module, by its folder below `environments`."""
    folders = sorted(file.parent for file in project.glob("environments/**/providers.tf"))

    def plan(folder):
        text = "".join(file.read_text() for file in folder.glob("*.tf"))
        account = re.search(r"(?:allowed_account_ids|account_id)\s+=\s+\[?\"(\d{12})", text)[1]
        (folder / "zz_backend_override.tf").write_text(LOCAL)
        environment = aws_server.in_account(account).environment()
        terraform = Terraform(folder, tmp_path_factory.mktemp("scratch"), environment)
        terraform.init()
        terraform.plan("-refresh=false")
        return terraform.show_json()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        made = list(pool.map(plan, folders))
    names = [str(folder.relative_to(project / "environments")) for folder in folders]
    return {name: json.dumps(data) for name, data in zip(names, made, strict=True)}
