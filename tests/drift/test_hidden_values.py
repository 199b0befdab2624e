"""No value of a secret that is in a committed file is shown in what `check` reports."""

from pathlib import Path

import pytest

from secretgen.cli import run
from tests.drift.conftest import Project
from tests.drift.test_check import ENVIRONMENT, SECRETS, VARIABLES
from tests.drift.trees import RICH
from tests.rendered import render

VALUE = "correct-horse-battery-staple"
FORMATS = ("json", "github", "sarif")


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (VARIABLES, "default     = null", f'default = "{VALUE}"'),
        (VARIABLES, "default     = null", f'default = "x${{1}}{VALUE}"'),
        (VARIABLES, "default     = null", f"default = <<EOT\n{VALUE}\nEOT"),
        (VARIABLES, "default     = null", f"default = <<EOT\n{VALUE}\nEOT\n  broken"),
        (VARIABLES, "default     = null", f"default = {VALUE} broken"),
        (VARIABLES, "default     = null", f"default = <<EOT\n{VALUE}=\n{VALUE} = 1\nEOT\n  broken"),
        (VARIABLES, "default     = null", f'default = "\n{VALUE}"\n'),
        (SECRETS, "secret_string         = var.prod__app__oauth_client_secret",
         f'secret_string = "{VALUE}"'),
        (SECRETS, "secret_string         = var.prod__app__oauth_client_secret",
         f'secret_string = jsonencode({{ a = ["{VALUE}"], "b" = "{VALUE}" }})'),
        (SECRETS, "secret_string         = var.prod__app__oauth_client_secret",
         f'secret_string = "{VALUE}" broken'),
        (f"{ENVIRONMENT}/terraform.tfvars.example", '# prod__app__oauth_client_secret = "..."',
         f'prod__app__oauth_client_secret = "{VALUE}"'),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "output_format",
    # As in NOT_MEASURED of conftest.py.
    ["text", *(pytest.param(name, marks=pytest.mark.no_cover) for name in FORMATS)],
)
def test_no_value_of_a_secret_is_shown(
    output_format: str, path: str, old: str, new: str, project: Project
) -> None:
    project.edit(path, old, new)
    code, out, err = project.check("--format", output_format)
    assert code == 3
    assert path in out
    assert VALUE not in out + err


def test_a_field_of_json_that_becomes_text_is_not_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = render(tmp_path, RICH.read_text(encoding="utf-8"))
    file = folder / "secrets.tf"
    text = file.read_text(encoding="utf-8")
    code = "ephemeral.aws_secretsmanager_random_password.db__app___password.random_password"
    assert code in text
    file.write_text(text.replace(code, f'"{VALUE}"'), encoding="utf-8")
    capsys.readouterr()
    for output_format in ("text", "json"):
        assert run(["check", "--root", str(tmp_path), "--format", output_format]) == 3
        told = capsys.readouterr()
        assert VALUE not in told.out + told.err
        assert "value.fields.password.from" in told.out
        assert "db.example.com" not in told.out or output_format == "text"


def test_credentials_are_masked_wherever_they_are(project: Project) -> None:
    key = "AKIA" + "IOSFODNN7ABCDEFG"
    project.edit(SECRETS, 'Criticality = "high"', f'Criticality = "{key}"')
    for output_format in ("text", "json", "github", "sarif"):
        _, out, _ = project.check("--format", output_format)
        assert "tags.Criticality" in out
        assert key not in out
