"""A project into which secrets are imported, and dumps of an account."""

import json
from pathlib import Path
from typing import Any

import pytest

from secretgen.cli import run
from secretgen.spec.load import load_spec

ACCOUNT = "123456789012"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1a2b3c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d"
FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:rotate"
READER = "arn:aws:iam::111111111111:role/app"
SPEC = f"""\
# What we have.
version: 1
environment: test   # one of many
aws: {{ account_id: "{ACCOUNT}", region: us-east-1 }}
backend: {{ bucket: test-terraform-state, locking: s3 }}
accounts:
  partner: {{ id: '111111111111', role: app }}

secrets:
  old/one: {{ description: 'There already', kms_key: aws-managed }}   # and stays

tags: {{ Owner: platform }}
"""


def described(name: str, **more: Any) -> dict[str, Any]:
    arn = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:{name}-a1b2c3"
    known = {"VersionIdsToStages": {"v1": ["AWSCURRENT"]}, "ResourcePolicy": None}
    return {"ARN": arn, "Name": name, **known, **more}


def tags(**given: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in given.items()]


class Project:
    """A project with one spec, and what the command did to it."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.spec = root / "specs" / "test.yaml"
        self.spec.parent.mkdir()
        self._dump = root / "dump.json"
        self._capsys = capsys
        self.told = ""

    def import_(self, dump: Any, *options: str, code: int = 0, source: str = "dump") -> str:
        """Imports a dump or a state; returns the spec's text."""
        self._dump.write_text(json.dumps(dump))
        arguments = ["import", str(self.spec), f"--from-{source}", str(self._dump), *options]
        found = run(arguments)
        captured = self._capsys.readouterr()
        self.told = captured.out + captured.err
        assert found == code, self.told
        return self.spec.read_text() if self.spec.exists() else ""

    def secrets(self) -> dict[str, Any]:
        """The secrets of the spec, as it is understood."""
        environment = load_spec(self.spec.read_bytes(), "specs/test.yaml").environment
        assert environment
        return {secret.name: secret for secret in environment.secrets}
