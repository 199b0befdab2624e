"""The process that keeps AWS providers running: `python -m tests.harness.provider_pool BINARY`.

Each line of its input is the environment of a provider, as a JSON object; it answers with a line
of its own, the port at which Terraform finds such a provider. It ends when its input closes.

A provider holds one configuration at a time, and Terraform connects once for each `provider` block
of a call. So each connection has a provider process to itself until it closes; the process then
serves the next connection, which configures it anew. A process whose connection broke off in the
middle of something, or that was told to stop, serves nobody else.
"""

import json
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc  # type: ignore[import-untyped]

MAX_IDLE = 6
THREADS = 256
ANY_SIZE = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
ATTACH = re.compile(r"TF_REATTACH_PROVIDERS='(.*)'")
# https://github.com/hashicorp/terraform/blob/v1.11.4/docs/plugin-protocol/tfplugin5.8.proto
PROVIDER = "/tfplugin5.Provider/"
# https://github.com/hashicorp/go-plugin/blob/v1.6.3/internal/plugin/grpc_broker.proto
OPENED = "/plugin.GRPCBroker/StartStream"
TYPES = {2, 3, 8}
"""Fields of GetSchema's answer that hold a schema for each type: of resources, data sources and
ephemeral resources."""
USED = re.compile(
    rb"aws_(caller_identity|cloudtrail|cloudwatch|dynamodb_table|iam|instance|kms|lambda|s3_bucket"
    rb"|secretsmanager|serverlessapplicationrepository|sfn_state_machine|sns)(_|$)"
)
"""The types that tests use. To read the schemas of all 1,500 takes Terraform most of a call."""


class Provider:
    """One provider process.

    Attributes:
        running: how many calls it works at.
        is_spoiled: it must not serve another connection.
    """

    def __init__(self, binary: str, environment: Mapping[str, str]) -> None:
        """Start it, and wait until it listens."""
        self.running = 0
        self.is_spoiled = False
        self._home = tempfile.TemporaryDirectory()
        self._process = subprocess.Popen(
            [binary, "-debug"],
            env={**environment, "HOME": self._home.name, "TMPDIR": self._home.name},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout
        found = next(filter(None, map(ATTACH.search, self._process.stdout)))
        (attach,) = json.loads(found[1]).values()
        self._channel = grpc.insecure_channel(f"unix:{attach['Addr']['String']}", options=ANY_SIZE)

    def call(self, method: str, request: bytes) -> bytes:
        """Hand a call on."""
        answer: bytes = self._channel.unary_unary(method)(request)
        return answer

    def end(self) -> None:
        """Kill the process; calls that run fail."""
        self._process.kill()
        self._process.wait()
        self._channel.close()
        self._home.cleanup()


class Pool:
    """The provider processes of all environments that wait for a connection."""

    def __init__(self, binary: str) -> None:
        """Start providers from this file."""
        self._binary = binary
        self._idle: list[tuple[Mapping[str, str], Provider]] = []
        self._lock = threading.Lock()
        self._schema = b""

    def take(self, environment: Mapping[str, str]) -> Provider:
        """Return a provider of this environment that nobody uses."""
        with self._lock:
            for waiting in reversed(self._idle):
                if waiting[0] == environment:
                    self._idle.remove(waiting)
                    return waiting[1]
        return Provider(self._binary, environment)

    def give(self, environment: Mapping[str, str], provider: Provider) -> None:
        """Take a provider back that served until now; end the one that waits longest."""
        with self._lock:
            surplus = provider
            if not provider.is_spoiled:
                self._idle.append((environment, provider))
                if len(self._idle) <= MAX_IDLE:
                    return
                _, surplus = self._idle.pop(0)
        surplus.end()

    def schema(self, provider: Provider, method: str, request: bytes) -> bytes:
        """Answer to GetSchema, with the types that tests use."""
        with self._lock:
            if not self._schema:
                self._schema = _used(provider.call(method, request))
            return self._schema

    def close(self) -> None:
        """End the providers that wait."""
        while self._idle:
            self._idle.pop()[1].end()


class Connections(grpc.GenericRpcHandler):  # type: ignore[misc]
    """What Terraform takes for the provider of an environment."""

    def __init__(self, pool: Pool, environment: Mapping[str, str]) -> None:
        """Serve on a free port of the loopback interface."""
        self._pool, self._environment = pool, environment
        self._of: dict[str, Provider] = {}
        self._lock = threading.Lock()
        self._server = grpc.server(ThreadPoolExecutor(THREADS), handlers=[self], options=ANY_SIZE)
        self.port = self._server.add_insecure_port("127.0.0.1:0")
        self._server.start()

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler | None:
        """Find what handles a call of a method."""
        method = details.method
        if method == OPENED:
            return grpc.stream_stream_rpc_method_handler(self._opened)
        if method.startswith(PROVIDER):
            return grpc.unary_unary_rpc_method_handler(
                lambda request, context: self._call(method, request, context)
            )
        return None

    def close(self) -> None:
        """End the providers that serve."""
        self._server.stop(grace=None)
        while self._of:
            self._of.popitem()[1].end()

    def _opened(self, messages: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
        """A stream that Terraform opens first and that ends with the connection."""
        connection = context.peer()
        context.add_callback(lambda: self._closed(connection))
        yield from (b"" for _ in messages)

    def _closed(self, connection: str) -> None:
        with self._lock:
            provider = self._of.pop(connection, None)
            if provider is None:
                return
            provider.is_spoiled |= provider.running > 0
        self._pool.give(self._environment, provider)

    def _call(self, method: str, request: bytes, context: grpc.ServicerContext) -> Any:
        provider = self._provider(context.peer())
        name = method.removeprefix(PROVIDER)
        provider.is_spoiled |= name == "Stop"
        try:
            if name == "GetSchema":
                return self._pool.schema(provider, method, request)
            return provider.call(method, request)
        except grpc.RpcError as error:
            context.abort(error.code(), error.details())
        finally:
            with self._lock:
                provider.running -= 1

    def _provider(self, connection: str) -> Provider:
        with self._lock:
            if connection not in self._of:
                self._of[connection] = self._pool.take(self._environment)
            self._of[connection].running += 1
            return self._of[connection]


def _used(schema: bytes) -> bytes:
    """Leave out of GetSchema's answer the types that no test uses."""
    kept = []
    for number, content, whole in _fields(schema):
        is_used = number not in TYPES or USED.match(next(_fields(content))[1])
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


def main() -> None:
    """Serve until standard input closes."""
    pool = Pool(sys.argv[1])
    served = []
    for line in sys.stdin:
        served.append(Connections(pool, json.loads(line)))
        sys.stdout.write(f"{served[-1].port}\n")
        sys.stdout.flush()
    for connections in served:
        connections.close()
    pool.close()


if __name__ == "__main__":
    main()
