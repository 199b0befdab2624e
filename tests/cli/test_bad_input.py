"""Bad input of every kind: a place, exit code 1, nothing written, no secret repeated."""

import re
from pathlib import Path

import pytest

from tests.cli.conftest import SMALL, Command
from tests.rendered import tree

TOKEN = "AKIA" + "QYLPMN5HHHFPZAM2"
ENVIRONMENT = "environment: small"
CASES: dict[str, bytes] = {
    "nothing": b"",
    "no mapping": b"- 1\n",
    "broken YAML": SMALL.encode() + b"tags: {\n",
    "tab": SMALL.encode() + b"tags:\n\tOwner: me\n",
    "not UTF-8": SMALL.encode() + b"description: caf\xe9\n",
    "NUL": SMALL.encode() + b"description: a\x00b\n",
    "control character": SMALL.encode() + b"description: a\x1bb\n",
    "escaped control character": SMALL.encode() + b'description: "a\\x1bb"\n',
    "two documents": SMALL.encode() + b"---\nversion: 1\n",
    "duplicate key": SMALL.encode() + b"version: 1\n",
    "duplicate secret": SMALL.encode() + b"  app/token: {}\n",
    "unknown key": SMALL.encode() + b"monitorring: {}\n",
    "custom tag": SMALL.encode() + b"description: !!python/name:os.system x\n",
    "deep nesting": SMALL.encode() + b"tags: " + b"[" * 500 + b"]" * 500 + b"\n",
    "alias bomb": SMALL.encode()
    + b"tags:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    + b"".join(
        b"  a%d: &a%d [%s]\n" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 10)) for n in range(1, 12)
    ),
    "alias of itself": SMALL.encode() + b"tags: &t { a: *t }\n",
    "unknown alias": SMALL.encode() + b"tags: *missing\n",
    "wrong version": SMALL.replace("version: 1", "version: 2").encode(),
    "path as a name": SMALL.replace(ENVIRONMENT, "environment: ../../outside").encode(),
    "yes is no boolean": SMALL.encode() + b"monitoring: { rotation_failures: yes }\n",
    "token": SMALL.encode() + f"description: {TOKEN}\n".encode(),
    "value": SMALL.encode() + b"  app/other: { value: hunter2hunter2 }\n",
    "password": SMALL.encode() + b"  app/other: { secret_string: hunter2hunter2 }\n",
}


@pytest.mark.parametrize("command", ["validate", "render", "check"])
@pytest.mark.parametrize("case", CASES)
def test_bad_input(case: str, command: str, project: Path, spec: Path, secretgen: Command) -> None:
    spec.write_bytes(CASES[case])
    before = tree(project.parent)
    result = secretgen(command)
    assert result.code == 1, result.err
    assert re.search(r"^specs/small\.yaml:\d+:\d+: error\[SG\d{3}\]: \S", result.out, re.MULTILINE)
    assert result.err == ""
    assert tree(project.parent) == before
    assert "hunter2" not in result.out
    assert TOKEN not in result.out
    assert "\x1b" not in result.out


def test_a_credential_in_a_part_that_no_spec_includes(secretgen: Command, project: Path) -> None:
    part = project / "parts/later.yaml"
    part.parent.mkdir()
    part.write_text(f"version: 1\nsecrets: {{ app/x: {{ description: {TOKEN}, unknown: 1 }} }}\n")
    for command in ("validate", "render"):
        result = secretgen(command)
        assert (result.code, "parts/later.yaml:2:" in result.out) == (1, True)
        assert "SG301" in result.out
        assert "unknown" not in result.out
        assert TOKEN not in result.out + result.err
    part.write_text("version: 1\nsecrets: { app/x: { unknown: 1 } }\n")
    assert secretgen("validate").code == 0
