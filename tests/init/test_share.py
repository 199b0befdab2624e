"""Further environments of a project: what is the same moves into a part."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from secretgen.spec.load import load_spec
from tests.cli.conftest import Command
from tests.harness.cycle import offline_plan
from tests.init.test_init import outcomes


def _begin(secretgen: Command, folder: Path) -> None:
    assert secretgen("init", "--account-id", "111111111111").code == 0
    spec = folder / "specs/production.yaml"
    text = spec.read_text(encoding="utf-8")
    text = text.replace("#accounts:\n#  app:", "accounts:\n  app:").replace("#    id:", "    id:")
    text = text.replace("#    role:", "    role:").replace("    #readers:", "    readers:")
    spec.write_text(text, encoding="utf-8")


def test_three_environments_share_a_part(empty: Path, secretgen: Command) -> None:
    _begin(secretgen, empty)
    before = load_spec((empty / "specs/production.yaml").read_bytes(), "x").environment
    assert before is not None
    staging = secretgen(
        "init", "--environment", "staging", "--account-id", "222222222222", "--share",
        "--account", "app=333333333333",
    )  # fmt: skip
    assert staging.code == 0, staging.err
    assert {k: v for k, v in outcomes(staging.out).items() if v != "identical"} == {
        "specs/production.yaml": "update",
        "specs/staging.yaml": "create",
        "parts/shared.yaml": "create",
    }
    part = (empty / "parts/shared.yaml").read_text(encoding="utf-8")
    assert "  $(environment)/app/api-key:\n" in part
    test = secretgen(
        "init", "--environment", "test", "--account-id", "444444444444", "--share",
        "--account", "app=555555555555",
    )  # fmt: skip
    assert test.code == 0, test.err
    assert (empty / "parts/shared.yaml").read_text(encoding="utf-8") == part
    assert secretgen("validate").code == 0
    assert secretgen("render").code == 0
    assert secretgen("check").code == 0
    same = secretgen("compare", "specs/staging.yaml", "specs/production.yaml").out
    assert same == "staging and production differ in inputs only.\n"
    roots = [line.split()[:3] for line in secretgen("roots").out.splitlines()[1:]]
    assert [root[1:] for root in roots[6:]] == [
        ["environments/production/consumers/app", "111122223333"],
        ["environments/staging/consumers/app", "333333333333"],
        ["environments/test/consumers/app", "555555555555"],
    ]


def _on_a_terminal(*answers: str) -> tuple[int, str, str]:
    """Runs `secretgen init` for somebody who types; returns code, results, and what is asked."""
    terminal, end = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "secretgen", "init"], stdin=end, stdout=subprocess.PIPE, stderr=end
    ) as process:
        os.close(end)
        os.write(terminal, "".join(f"{answer}\n" for answer in answers).encode())
        out = process.stdout.read().decode() if process.stdout else ""
        code = process.wait(timeout=60)
    asked = os.read(terminal, 1 << 16).decode()
    os.close(terminal)
    return code, out, asked


def test_terminal_prompts_for_differing_settings(empty: Path, secretgen: Command) -> None:
    _begin(secretgen, empty)
    code, out, asked = _on_a_terminal(
        "no name", "staging", "222222222222", "", "staging-state", "y", "333333333333"
    )
    assert (code, outcomes(out)["specs/staging.yaml"]) == (0, "create"), asked
    questions = (
        "Name of the environment", "AWS account of the secrets", "AWS Region of the secrets",
        "S3 bucket for Terraform's state",
        "Move the settings shared with specs/production.yaml",
        "Id of the account app",
    )  # fmt: skip
    places = [asked.index(question) for question in questions]
    assert places == sorted(places)
    assert asked.count("Name of the environment [") == 2
    shared = load_spec((empty / "specs/staging.yaml").read_bytes(), "x").spec
    assert shared is not None
    assert (shared.aws.account_id, shared.backend.bucket) == ("222222222222", "staging-state")
    assert shared.accounts["app"].id == "333333333333"
    assert (empty / "parts/shared.yaml").is_file()


def test_declined_prompt_shares_nothing(empty: Path, secretgen: Command) -> None:
    _begin(secretgen, empty)
    code, out, asked = _on_a_terminal("test", "222222222222", "", "test-state", "n")
    assert (code, outcomes(out)["specs/test.yaml"]) == (0, "create"), asked
    assert "Id of the account app" not in asked
    assert not (empty / "parts").exists()


def test_a_spec_that_cannot_be_divided_stays(empty: Path, secretgen: Command) -> None:
    _begin(secretgen, empty)
    spec = empty / "specs/production.yaml"
    text = spec.read_text(encoding="utf-8")
    spec.write_text(f"{{{text.replace('- ', '')}}}", encoding="utf-8")
    result = secretgen("init", "--environment", "staging", "--share")
    assert result.code == 2
    assert not (empty / "parts").exists()


@pytest.mark.terraform
@pytest.mark.slow(30)
def test_three_environments_in_three_accounts_plan(
    empty: Path, tmp_path_factory: pytest.TempPathFactory, secretgen: Command
) -> None:
    accounts = {"production": "111111111111", "staging": "222222222222", "test": "333333333333"}
    for name, account in accounts.items():
        share = "--no-share" if name == "production" else "--share"
        command = ["init", "--environment", name, "--account-id", account, share]
        assert secretgen(*command).code == 0
    assert secretgen("render").code == 0
    for name in accounts:
        scratch = tmp_path_factory.mktemp(name)
        plan = offline_plan(empty / "environments" / name, scratch)
        (secret,) = (
            change["change"]["after"]
            for change in plan["resource_changes"]
            if change["type"] == "aws_secretsmanager_secret"
        )
        assert secret["name"] == f"{name}/app/api-key"
