"""Real first plans of every root module of the reference specs, made once."""

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from secretgen.model.layout import DEFAULT_LAYOUT
from secretgen.plan.rendered import RenderedFiles
from secretgen.project.rendered_tree import packaged_files
from secretgen.spec.load import load_spec
from secretgen.spec.parts import Library
from tests.gate.life import LOCAL
from tests.gate.scenarios import make
from tests.harness.once import made_once
from tests.harness.terraform import Terraform
from tests.harness.workspace import copy_tree
from tests.rendered import PRODUCTION, PROJECT, SPECS, render


@pytest.fixture(scope="session")
def projects(tmp_path_factory):
    """A project for each reference spec, rendered, by the name of its environment."""

    def rendered():
        found = {}
        for spec in [PRODUCTION, PROJECT / "specs/staging.yaml", *sorted(SPECS.glob("*.yaml"))]:
            root = tmp_path_factory.mktemp(spec.stem)
            shutil.copytree(PROJECT / "parts", root / "parts")
            name = render(root, spec.read_text(encoding="utf-8"), spec.stem).name
            found[name] = str(root)
        return found

    made = made_once(tmp_path_factory, "gate-projects", rendered)
    return {name: Path(root) for name, root in made.items()}


@pytest.fixture(scope="session")
def project(projects):
    """The project of the reference environment."""
    return projects["production"]


@pytest.fixture(scope="session")
def first_plans(aws_server, projects, tmp_path_factory):
    """JSON of the first plan of every root module, by its folder below `environments`."""

    def plan(folder):
        text = "".join(file.read_text() for file in folder.glob("*.tf"))
        account = re.search(r"(?:allowed_account_ids|account_id)\s+=\s+\[?\"(\d{12})", text)[1]
        (folder / "zz_backend_override.tf").write_text(LOCAL)
        environment = aws_server.in_account(account).environment()
        terraform = Terraform(folder, tmp_path_factory.mktemp("scratch"), environment)
        terraform.init()
        terraform.plan("-refresh=false")
        return terraform.show_json()

    def plans():
        trees = [copy_tree(p, tmp_path_factory.mktemp(name)) for name, p in projects.items()]
        folders = [f.parent for t in trees for f in sorted(t.glob("environments/**/providers.tf"))]
        return {str(f).rpartition("/environments/")[2]: json.dumps(plan(f)) for f in folders}

    return made_once(tmp_path_factory, "first-plans", plans)


@pytest.fixture(scope="session")
def projects_by_scenario(aws_server, tmp_path_factory):
    """Projects with their plans, made once."""
    return made_once(tmp_path_factory, "lives", lambda: make(aws_server, tmp_path_factory))


@pytest.fixture
def scenario(projects_by_scenario, tmp_path):
    """Returns a copy of the project of a scenario."""

    def copied(title):
        root = tmp_path / title.replace(" ", "-")
        shutil.copytree(projects_by_scenario[title], root, dirs_exist_ok=True)
        return root

    return copied


@pytest.fixture(scope="session")
def rendered(projects):
    """Environments and their rendered files, by name; each is loaded when it is asked for."""
    return Rendered(projects)


class Rendered(Mapping):
    """Environments and their rendered files, by name."""

    def __init__(self, projects):
        self._projects = projects
        self._found = {}

    def __iter__(self):
        return iter(self._projects)

    def __len__(self):
        return len(self._projects)

    def __getitem__(self, name):
        if name not in self._found:
            root = self._projects[name]
            (file,) = (root / "specs").glob("*.yaml")
            library = Library(lambda part: (root / part).read_bytes())
            environment = load_spec(file.read_bytes(), f"specs/{file.name}", library).environment
            files = RenderedFiles(packaged_files(environment, DEFAULT_LAYOUT))
            self._found[name] = environment, files
        return self._found[name]
