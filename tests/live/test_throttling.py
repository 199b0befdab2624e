"""An account in which others make too many calls: AWS throttles, and nothing is lost or guessed."""

import json
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest

from secretgen.cli import run
from secretgen.live.pace import IN_FLIGHT
from tests.harness.aws import REGION, LocalAws

SECRETS = 40
SPEC = """\
version: 1
environment: test
aws: { account_id: "123456789012", region: us-east-1 }
backend: { bucket: test-terraform-state, locking: s3 }
secrets:
  prod/00: { kms_key: aws-managed }
"""
THROTTLED = json.dumps({"__type": "ThrottlingException", "Message": "Rate exceeded"}).encode()


class Gate:
    """What stands before AWS: it lets each call through after so many attempts.

    Args:
        endpoint: the AWS behind it.
        refusals: how often it refuses a call before it lets it through.
    """

    def __init__(self, endpoint: str, refusals: int) -> None:
        self.endpoint = endpoint
        self.refusals = refusals
        self.attempts = Counter[tuple[str, bytes]]()
        self.at_once = self.most = 0
        self.lock = threading.Lock()

    def refuses(self, call: tuple[str, bytes]) -> bool:
        with self.lock:
            self.attempts[call] += 1
            self.at_once += 1
            self.most = max(self.most, self.at_once)
            return self.attempts[call] <= self.refusals

    def leave(self) -> None:
        with self.lock:
            self.at_once -= 1


@contextmanager
def gate(aws: LocalAws, refusals: int) -> Iterator[tuple[Gate, str]]:
    """Serves a gate; yields it, and its URL."""
    found = Gate(aws.endpoint, refusals)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            operation = self.headers.get("X-Amz-Target", "")
            refused = operation and found.refuses((operation, body))
            code, answer = (400, THROTTLED) if refused else self._asked(body)
            if operation:
                time.sleep(0.01)  # As over a network: calls that are made at once meet.
                found.leave()
            self.send_response(code)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def _asked(self, body: bytes) -> tuple[int, bytes]:
            url = found.endpoint + self.path
            request = urllib.request.Request(url, body, dict(self.headers))
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    return answer.status, answer.read()
            except urllib.error.HTTPError as error:
                return error.code, error.read()

        def log_message(self, *_: object) -> None:
            """Prints nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield found, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def spec(aws: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in aws.environment().items():
        monkeypatch.setenv(name, value)
    for number in range(SECRETS):
        aws.client("secretsmanager").create_secret(Name=f"prod/{number:02}")
    # What the waiting is for does not come from waiting here.
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda _seconds: None))
    (tmp_path / "specs").mkdir()
    return tmp_path / "specs" / "test.yaml"


def test_calls_are_retried_with_limited_concurrency(
    aws: LocalAws, spec: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with gate(aws, 3) as (found, url):
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        assert run(["import", str(spec), "--region", REGION]) == 0
    assert 1 < found.most <= IN_FLIGHT
    assert set(found.attempts.values()) == {4}
    assert spec.read_text().count("- import:") == SECRETS


@pytest.mark.parametrize("command", [["import"], ["audit", "--format", "json"]])
def test_permanent_throttling(
    aws: LocalAws,
    spec: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: list[str],
) -> None:
    spec.write_text(SPEC)
    with gate(aws, 1000) as (found, url):
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        assert run([*command, str(spec)]) == 2
    printed = capsys.readouterr()
    assert "AWS refused ListSecrets: ThrottlingException" in printed.err
    assert "Run the command again later" in printed.err
    if "json" in command:
        assert json.loads(printed.out)["error"]["summary"].startswith("AWS refused")
    assert set(found.attempts.values()) == {10}
    assert spec.read_text() == SPEC
