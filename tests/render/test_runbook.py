"""The README of an environment: its order, and commands that work in bash and in dash."""

import json
import os
import re
import shutil
import subprocess
import sys
from ast import literal_eval
from itertools import pairwise
from pathlib import Path

import pytest

from tests.commands import assert_names_exist, assert_sensible, blocks, words
from tests.rendered import PRODUCTION, SPECS, render

SPECS_OF = {"production": PRODUCTION, "rich": SPECS / "rich.yaml", "small": SPECS / "small.yaml"}
SHELLS = [shell for shell in ("bash", "dash", "zsh") if shutil.which(shell)]
# How a block is run: pasted, the shell reads it line by line and goes on after an error.
WAYS = {"pasted": "-i", "sourced": "-c", "script": "-euc"}
VALUES = {
    "lines": "-----BEGIN KEY-----\nMIIE\n\nabc=\n-----END KEY-----\n",
    "blanks": "  two  words\t ",
    "quotes": 'it\'s "$HOME" `id` \\n ${x} %s *',
    "dashes": "-n",
}
# Without imports that take longer than the rest of it: hundreds of these run.
STUB = f"""#!{sys.executable} -IS
import os, sys
name, out = os.path.basename(sys.argv[0]), os.environ["RECORD"]
with open(out + "/calls", "a") as calls:
    calls.write(repr([name, *sys.argv[1:]]) + "\\n")
broken = os.environ.get("BROKEN", "").split()
if broken and all(word in [name, *sys.argv[1:]] for word in broken):
    sys.exit("broken")
if "get-secret-value" in sys.argv:
    sys.stdout.write(os.environ["ANSWER"])
if name == "terraform":
    print('{{"prod/database/master-password": "arn:aws:secretsmanager:us-east-1:1:secret:x"}}')
for word in sys.argv:
    if word.startswith("file://"):
        with open(word[7:], "rb") as value, open(out + "/value", "wb") as copy:
            copy.write(value.read())
"""

# What is called to write a value, but for the name of a file that is given last to `aws`.
WRITING = [
    ["terraform", "output", "-json", "secret_arns"],
    ["stty", "-echo"],
    [
        *("aws", "secretsmanager", "put-secret-value", "--region", "us-east-1"),
        *("--secret-id=arn:aws:secretsmanager:us-east-1:1:secret:x", "--secret-string"),
    ],
    ["stty", "echo"],
]

UNROTATED = """\
version: 1
environment: checked
aws: { account_id: "123456789012", region: us-east-1 }
backend: { bucket: checked-terraform-state, locking: s3 }
secrets:
  a/one: {}
  a/two: {}
"""
ROTATED = (
    "rotation: { lambda_arn: arn:aws:lambda:us-east-1:123456789012:function:f, every_days: 30 }"
)


@pytest.fixture(scope="module", params=SPECS_OF)
def readme(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    text = SPECS_OF[request.param].read_text("utf-8")
    return render(tmp_path_factory.mktemp("project"), text) / "README.md"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return render(tmp_path_factory.mktemp("production"), PRODUCTION.read_text("utf-8"))


@pytest.fixture(scope="module")
def production(folder: Path) -> str:
    return (folder / "README.md").read_text("utf-8")


@pytest.fixture
def stubs(tmp_path: Path) -> dict[str, str]:
    """An environment whose programs write down what they are asked for.

    `BROKEN` has words of the calls that fail, and `ANSWER` what `get-secret-value` prints.
    """
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("aws", "secretgen", "stty", "terraform"):
        (folder / name).write_text(STUB)
        (folder / name).chmod(0o755)
    (tmp_path / "record").mkdir()
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "RECORD": str(tmp_path / "record"), "TMPDIR": str(tmp_path)}


def run(shell: str, script: str, stubs: dict[str, str], typed: str = "") -> str:
    command = [shell, "-euc", script]
    done = subprocess.run(
        command, input=typed, env=stubs, text=True, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def paste(
    how: str, shell: str, script: str, stubs: dict[str, str], **settings: str
) -> tuple[int, list[str]]:
    """Runs a block in an empty folder: a person pastes it, or a script holds it.

    Returns:
        The exit code, and the calls, each as one line.
    """
    folder = Path(stubs["TMPDIR"]) / "folder"
    folder.mkdir(exist_ok=True)
    record = Path(stubs["RECORD"]) / "calls"
    record.unlink(missing_ok=True)
    options, typed = ([WAYS[how], script], "") if how != "pasted" else (["-i"], script)
    done = subprocess.run(
        [shell, *options],
        cwd=folder,
        input=typed,
        env={**stubs, "HOME": stubs["TMPDIR"], **settings},
        text=True,
        capture_output=True,
        check=False,
        start_new_session=True,
    )
    calls = record.read_text().splitlines() if record.exists() else []
    return done.returncode, [" ".join(literal_eval(call)) for call in calls]


def block_with(folder: Path, text: str) -> str:
    """The one block of a README that has a text."""
    document = (folder / "README.md").read_text("utf-8")
    (found,) = [block for block in blocks(document) if text in block]
    return found


def test_commands_make_sense(readme: Path) -> None:
    document = readme.read_text("utf-8")
    assert_names_exist(document, readme.parent)
    for block in blocks(document):
        assert_sensible(block)
        for shell in SHELLS:
            subprocess.run([shell, "-n"], input=block, text=True, check=True)


def test_runbooks_come_before_the_long_tables(readme: Path) -> None:
    document = readme.read_text("utf-8")
    headings = re.findall(r"^## (.+)$", document, re.MULTILINE)
    tables = ["Secrets", "Cost", "Compliance"]
    assert headings.index("Deployment") < headings.index("Runbooks")
    assert all(headings.index("Runbooks") < headings.index(table) for table in tables)
    assert document.count("![") == 1
    assert "mermaid" not in document
    assert ".terraform.lock.hcl" in document
    assert "\n\n\n" not in document
    steps = re.findall(r"^\*\*(\d+)\.\*\*", document, re.MULTILINE)
    assert steps == [str(step) for step in range(1, len(steps) + 1)]


def test_a_check_that_no_secret_meets_is_not_met(tmp_path: Path) -> None:
    one_rotates = UNROTATED.replace("two: {}", f"two: {{ {ROTATED} }}")
    for text, answer in ((UNROTATED, "not met by a/one, a/two |"), (one_rotates, "met: ")):
        document = (render(tmp_path, text) / "README.md").read_text("utf-8")
        for check in (
            "SecretsManager.1: rotation is on",
            "SecretsManager.4: rotated within 90 days",
        ):
            assert f"| Security Hub {check} | {answer}" in document
        assert "not met by a/one" in document


@pytest.mark.parametrize("shell", SHELLS)
def test_values_of_variables_arrive_unchanged(
    shell: str, production: str, stubs: dict[str, str]
) -> None:
    asked, handed, *_ = blocks(production, "Deployment")
    folder = run(shell, f'{asked}\nprintf %s "$VALUES"', stubs, typed="").rpartition("\n")[2]
    names = sorted(path.name for path in Path(folder).iterdir())
    assert len(names) == 3
    assert Path(folder).stat().st_mode & 0o077 == 0
    for name, value in VALUES.items():
        (Path(folder) / name).write_text(value)
    printed = "\n".join(f'printf "%s." "$TF_VAR_{name}"; echo "|end"' for name in VALUES)
    found = run(shell, f"VALUES={folder}\n{handed}\n{printed}", stubs)
    assert found == "".join(f"{value}.|end\n" for value in VALUES.values())


@pytest.mark.parametrize("shell", SHELLS)
def test_value_is_written_unchanged_and_not_on_a_command_line(
    shell: str, production: str, stubs: dict[str, str]
) -> None:
    find, write, *_ = blocks(production, "Runbooks")
    record = Path(stubs["RECORD"])
    for value in VALUES.values():
        run(shell, f"{find}\n{write}", stubs, typed=value)
        assert (record / "value").read_text() == value
        calls = (record / "calls").read_text()
        (record / "calls").unlink()
        *called, (*put, file), shown = map(literal_eval, calls.splitlines())
        assert [*called, put, shown] == WRITING
        assert re.fullmatch(rf"file://{stubs['TMPDIR']}/tmp\.\w+", file)


def test_any_name_is_a_name_and_no_option(tmp_path: Path) -> None:
    text = (
        SPECS_OF["small"]
        .read_text("utf-8")
        .replace("app/token:", "--help: {replicas: [eu-west-1]}")
    )
    document = (render(tmp_path, text) / "README.md").read_text("utf-8")
    assert "--secret-id=--help" in document
    for block in blocks(document):
        for command in words(block):
            alone = [before for before, word in pairwise(command) if word == "--help"]
            assert alone in ([], ["name"]), command  # the value of jq's option


# --- a command that fails stops its block --------------------------------------------------------

ways = pytest.mark.parametrize("how", WAYS)
shells = pytest.mark.parametrize("shell", SHELLS)
ROOTS = {
    ".": "--plan plan.json",
    "bootstrap": "--plan bootstrap=plan.json",
    "consumers/partner": "--plan consumers/partner=plan.json",
}
PROMOTED = "SECRET=prod/x\nREPLICA_REGION=us-west-2\n"
BACK = ["get-secret-value", "put-secret-value", "delete-secret", "terraform apply"]


@pytest.mark.parametrize(
    ("root", "shell", "how"),
    [
        *((".", shell, how) for shell in SHELLS for how in WAYS),
        *((root, SHELLS[0], next(iter(WAYS))) for root in ROOTS if root != "."),
    ],
)
def test_only_a_plan_that_the_gate_accepts_is_applied(
    root: str, shell: str, how: str, folder: Path, stubs: dict[str, str]
) -> None:
    block = block_with(folder / root, "secretgen gate")
    calls = [
        "terraform init",
        "terraform plan -out=saved.tfplan",
        "terraform show -json saved.tfplan",
        f"secretgen gate {ROOTS[root]}",
    ]
    place = Path(stubs["TMPDIR"]) / "folder"
    assert paste(how, shell, block, stubs) == (0, calls)
    assert not (place / "plan.json").exists()
    assert block_with(folder / root, "apply saved.tfplan") == "terraform apply saved.tfplan\n"
    for number, call in enumerate(calls, 1):
        (place / "saved.tfplan").write_text("an old plan")
        (place / "plan.json").write_text("an old plan")
        code, called = paste(how, shell, block, stubs, BROKEN=" ".join(call.split()[:2]))
        assert code
        assert called == calls[:number]
        assert not list(place.iterdir()), "a plan that nobody may apply is left"


@ways
@shells
def test_a_promoted_secret_is_deleted_only_after_its_value_was_copied(
    shell: str, how: str, folder: Path, stubs: dict[str, str]
) -> None:
    block = PROMOTED + block_with(folder, 'delete-secret --region "$REPLICA_REGION"')
    record, copies = Path(stubs["RECORD"]), Path(stubs["TMPDIR"])
    for value in VALUES.values() if how == "pasted" else ("new",):
        code, called = paste(how, shell, block, stubs, ANSWER=json.dumps(value))
        assert code == 0
        assert [step for step, call in zip(BACK, called, strict=True) if step in call] == BACK
        assert "--region us-west-2" in called[0]
        assert "--region us-east-1" in called[1]
        assert "--region us-west-2" in called[2]
        assert (record / "value").read_bytes() == value.encode()
        assert not list(copies.glob("tmp.*"))
    for number, step in enumerate(BACK, 1):
        code, called = paste(how, shell, block, stubs, ANSWER='"new"', BROKEN=step)
        assert code, step
        assert [s for s, call in zip(BACK, called, strict=False) if s in call] == BACK[:number]
        kept = [file.read_text() for file in copies.glob("tmp.*")]
        assert kept == {"get-secret-value": [""], "put-secret-value": ["new"]}.get(step, [])
        for file in copies.glob("tmp.*"):
            file.unlink()


@ways
@shells
def test_what_is_not_a_text_is_not_copied_and_not_deleted(
    shell: str, how: str, folder: Path, stubs: dict[str, str]
) -> None:
    block = PROMOTED + block_with(folder, 'delete-secret --region "$REPLICA_REGION"')
    for answer in ("null\n", '""\n', "", "{", "3", '{"a": "b"}'):
        code, called = paste(how, shell, block, stubs, ANSWER=answer)
        assert code, answer
        assert len(called) == 1
        assert "get-secret-value" in called[0]
    for missing in ("mktemp", "jq"):
        failing = f"{missing}() {{ return 1; }}\n{block}"
        code, called = paste(how, shell, failing, stubs, ANSWER='"new"')
        assert code, missing
        assert not [call for call in called if "get-secret-value" not in call]


@ways
@shells
def test_break_glass_leaves_no_value_in_the_folder(
    shell: str, how: str, folder: Path, stubs: dict[str, str]
) -> None:
    document = (folder / "README.md").read_text("utf-8")
    read, remove = blocks(document.partition("### Break glass\n")[2].partition("\n### ")[0])
    place, copies = Path(stubs["TMPDIR"]) / "folder", Path(stubs["TMPDIR"])
    script = f"SECRET=x\numask 022\n{read}umask > ../umask\n"
    code, called = paste(how, shell, script, stubs, ANSWER="a value\n")
    assert (code, len(called)) == (0, 1)
    assert not list(place.iterdir())
    assert int((copies / "umask").read_text(), 8) == 0o22
    (file,) = copies.glob("tmp.*")
    assert file.read_text() == "a value\n"
    assert file.stat().st_mode & 0o077 == 0
    assert paste(how, shell, f"VALUE={file}\n{remove}", stubs) == (0, [])
    assert not file.exists()


# What a shell function can do in the place of `cat`: fail in the middle, or be interrupted.
ENDED = {
    "failed": "cat() { printf 'half a val'; return 1; }",
    "interrupted": """cat() { printf 'half a val'; kill -INT "$(exec sh -c 'echo $PPID')"; }""",
}


@ways
@shells
@pytest.mark.parametrize("ended", ENDED)
def test_a_value_that_was_not_read_to_its_end_is_not_written(
    ended: str, shell: str, how: str, tmp_path: Path, stubs: dict[str, str]
) -> None:
    text = (SPECS / "sharing.yaml").read_text("utf-8")
    readmes = [*render(tmp_path / "project", text).rglob("README.md")]
    found = {b for file in readmes for b in blocks(file.read_text("utf-8")) if "stty" in b}
    found = {block for block in found if "put-secret-value" in block}
    assert len(found) > 2
    for block in found:
        script = f"SECRET=x\n{block}"
        code, called = paste(how, shell, f"{ENDED[ended]}\n{script}", stubs)
        assert code
        assert called == ["stty -echo", "stty echo"]
        code, called = paste(how, shell, script, stubs, BROKEN="stty -echo")
        assert code
        assert called == ["stty -echo", "stty echo"]
        assert not list(tmp_path.glob("tmp.*"))
