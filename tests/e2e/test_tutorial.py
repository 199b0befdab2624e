"""The tutorial ends with a secret in the local AWS: each of its commands is run as it stands."""

import os
from pathlib import Path

import pytest

from tests.docs.replay import replay
from tests.docs.shell import LOCAL, Shell
from tests.harness.aws import REPOSITORY, LocalAws
from tests.harness.commands import command_folder
from tests.harness.install import find_installation
from tests.harness.providers import attached

pytestmark = [pytest.mark.terraform, pytest.mark.slow(seconds=15)]

PAGE = REPOSITORY / "docs/tutorial.md"


def test_the_tutorial_creates_a_secret(tmp_path: Path, aws: LocalAws) -> None:
    installed = find_installation()
    folders = [command_folder(), installed.command.parent]
    environment = {
        **aws.environment(),
        **attached(installed, aws.environment()),
        "PATH": os.pathsep.join([*map(str, folders), os.environ["PATH"]]),
        "TF_CLI_CONFIG_FILE": os.devnull,
        "TF_CLI_ARGS": "-no-color",
        "TF_CLI_ARGS_init": f"-no-color -plugin-dir={installed.mirror}",
        "CHECKPOINT_DISABLE": "1",
    }
    programs = LOCAL | {"aws", "printf", "terraform"}
    project = tmp_path / "reader"
    project.mkdir()
    text = PAGE.read_text("utf-8")
    assert replay(text, Shell(project, programs, environment)) == text
    assert aws.client("secretsmanager", "eu-central-1").list_secrets()["SecretList"][0]["Tags"]
    value = aws.client("secretsmanager", "eu-central-1").get_secret_value
    assert value(SecretId="demo/app/api-key")["SecretString"] == "my first value"
