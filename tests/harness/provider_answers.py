"""Answers of a provider that take it long and are the same each time, kept for all processes.

To tell its schemas takes it half a second of computing, and to check the arguments of a `provider`
block, for which it checks all schemas, a quarter.
"""

import hashlib
import os
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

HOME = Path(__file__).resolve().parents[2] / ".venv" / "tools" / "provider-answers"
SCHEMA = "/tfplugin5.Provider/GetSchema"
KEPT = {SCHEMA, "/tfplugin5.Provider/PrepareProviderConfig"}
TYPES = {2, 3, 8}
"""Fields of GetSchema's answer that hold a schema for each type: of resources, data sources and
ephemeral resources."""
USED = re.compile(
    rb"aws_(caller_identity|cloudtrail|cloudwatch_(event_(bus|bus_policy|rule|target)|log_group"
    rb"|log_metric_filter|metric_alarm)|dynamodb_table|iam_(access_key|group|instance_profile"
    rb"|openid_connect_provider|policy|policy_attachment|role|role_policy|role_policy_attachment"
    rb"|user)|instance|kms_(alias|grant|key|key_policy|replica_key)|lambda_(function|permission)"
    rb"|s3_bucket(_(acl|lifecycle_configuration|logging|notification|ownership_controls|policy"
    rb"|public_access_block|server_side_encryption_configuration|versioning))?"
    rb"|secretsmanager_(random_password|secret(_(policy|rotation|version))?)"
    rb"|serverlessapplicationrepository_cloudformation_stack|sfn_state_machine"
    rb"|sns_topic(_(policy|subscription))?)"
)
"""The types that tests use. To read the schemas of all 1,500 takes Terraform most of a call."""


class KeptAnswers:
    """The answers of one provider."""

    def __init__(self, binary: Path) -> None:
        """Keep what this program answers; another one has answers of its own."""
        known = binary.stat()
        self._of = f"{binary} {known.st_size} {known.st_mtime_ns} {USED.pattern!r}"

    def get(self, method: str, request: bytes, ask: Callable[[str, bytes], bytes]) -> bytes:
        """Answer a call, by asking the provider if that is not known yet.

        Args:
            method: the path of a method that has the same answer to a request each time.
            request: its message.
            ask: calls the provider.
        """
        if method not in KEPT:
            return ask(method, request)
        name = hashlib.sha256(f"{self._of} {method} ".encode() + request).hexdigest()
        file = HOME / name
        if file.exists():
            return file.read_bytes()
        answer = ask(method, request)
        if method == SCHEMA:
            answer = _used(answer)
        HOME.mkdir(parents=True, exist_ok=True)
        written = file.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
        written.write_bytes(answer)
        written.replace(file)
        return answer


def _used(schema: bytes) -> bytes:
    """Leave out of GetSchema's answer the types that no test uses."""
    kept = []
    for number, content, whole in _fields(schema):
        is_used = number not in TYPES or USED.fullmatch(next(_fields(content))[1])
        kept.append(whole if is_used else b"")
    return b"".join(kept)


def _fields(message: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Read a protobuf message of messages and texts: number, content and all of each field."""
    at = 0
    while at < len(message):
        begin = at
        tag, at = _number(message, at)
        assert tag & 7 == 2, "neither a message nor a text"
        size, at = _number(message, at)
        at += size
        yield tag >> 3, message[at - size : at], message[begin:at]


def _number(message: bytes, at: int) -> tuple[int, int]:
    """Read a varint; returns it and where the next field begins."""
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at
