"""A project with every kind of rendered document."""

from pathlib import Path

import pytest

from tests.docs.support import Document, documents
from tests.rendered import render_all


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the reference specs and those of the tests."""
    root = tmp_path_factory.mktemp("project")
    render_all(root)
    return root


@pytest.fixture(scope="session")
def rendered(project: Path) -> list[Document]:
    """Every rendered document: of environments, bootstraps, readers' accounts, the module."""
    found = documents(project, "**/README.md")
    names = {document.name for document in found}
    assert names >= {
        "modules/aws-secrets/README.md",
        "environments/production/README.md",
        "environments/production/bootstrap/README.md",
        "environments/production/consumers/partner/README.md",
        "environments/staging/README.md",
    }
    return found
