"""The process that keeps AWS providers running, a service as `tests.harness.service` starts it.

A message names the file of a provider and what it is to find in its environment, as a JSON array of
a text and an object; the answer is the port at which Terraform finds such a provider.

A provider holds one configuration at a time, and Terraform connects again for each `provider` block
and each part of a call. So connections share a provider process only if their configurations are
the same; without a connection it may be configured again, for any environment: what it is to find
there stands in a file that it reads whenever it is configured. Before Terraform configures a
provider it asks for what depends on no configuration: one process answers that, which is never
configured, and each question once. A process whose connection broke off in the middle of something,
or that was told to stop, serves nobody else.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc  # type: ignore[import-untyped]

from tests.garbage import collect_seldom
from tests.harness.provider_answers import KeptAnswers
from tests.harness.service import MESSAGE_BYTES, callers

LOGS = ("PROVIDER_AWS", "SDK_FRAMEWORK", "SDK_HELPER_SCHEMA", "SDK_MUX", "SDK_PROTO")
MAX_IDLE = 12
THREADS = 256
ANY_SIZE = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
ATTACH = re.compile(r"TF_REATTACH_PROVIDERS='(.*)'")
# https://github.com/hashicorp/terraform/blob/v1.11.4/docs/plugin-protocol/tfplugin5.8.proto
PROVIDER = "/tfplugin5.Provider/"
# https://github.com/hashicorp/go-plugin/blob/v1.6.3/internal/plugin/grpc_broker.proto
OPENED = "/plugin.GRPCBroker/StartStream"
SAME = {
    "GetSchema",
    "PrepareProviderConfig",
    "UpgradeResourceState",
    "ValidateDataSourceConfig",
    "ValidateEphemeralResourceConfig",
    "ValidateResourceTypeConfig",
}
"""Calls whose answer depends on the request alone: on schemas, and on no AWS."""


SETTINGS = {
    "AWS_ACCESS_KEY_ID": "aws_access_key_id",
    "AWS_ENDPOINT_URL": "endpoint_url",
    "AWS_MAX_ATTEMPTS": "max_attempts",
    "AWS_SECRET_ACCESS_KEY": "aws_secret_access_key",
    "AWS_SESSION_TOKEN": "aws_session_token",
}
"""How the configuration file of AWS calls what stands in an environment.

https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
"""


@dataclass(frozen=True)
class Configuration:
    """What decides how a provider answers.

    Attributes:
        environment: the variables that it is to find.
        request: the message of `Configure`.
    """

    environment: Mapping[str, str]
    request: bytes


class Provider:
    """One provider process.

    Attributes:
        configuration: what it was configured with last.
        users: the connections that it serves.
        is_spoiled: it must not serve another connection.
    """

    def __init__(self, binary: str) -> None:
        """Start it, and wait until it listens."""
        self.configuration: Configuration | None = None
        self.users: set[str] = set()
        self.is_spoiled = False
        self._home = tempfile.TemporaryDirectory()
        self._settings = Path(self._home.name, "config")
        self._process = subprocess.Popen(
            [binary, "-debug"],
            env={
                "AWS_CONFIG_FILE": str(self._settings),
                "AWS_EC2_METADATA_DISABLED": "true",
                "HOME": self._home.name,
                "TMPDIR": self._home.name,
                # Memory for time: to start is mostly to make schemas, which stay.
                "GOGC": "400",
                # Whatever Terraform's own level, a provider writes all of its logs, each request
                # with its body, and leaves it to Terraform to drop them: a quarter of its time.
                **{f"TF_LOG_{log}": "OFF" for log in LOGS},
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout
        found = next(filter(None, map(ATTACH.search, self._process.stdout)))
        (attach,) = json.loads(found[1]).values()
        self._channel = grpc.insecure_channel(f"unix:{attach['Addr']['String']}", options=ANY_SIZE)

    def prepare(self, configuration: Configuration) -> None:
        """Get ready for `Configure`, in which a provider reads its file of settings."""
        found = configuration.environment.items()
        lines = [f"{SETTINGS[name]} = {value}\n" for name, value in found]
        self._settings.write_text("".join(["[default]\n", *lines]))
        self.configuration = configuration

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
    """The provider processes of all environments."""

    def __init__(self, binary: str) -> None:
        """Start providers from this file."""
        self._binary = binary
        self._providers: list[Provider] = []
        self._unconfigured: list[Provider] = []
        self._lock = threading.Lock()
        self._answers: dict[tuple[str, bytes], bytes] = {}
        self._kept = KeptAnswers(Path(binary))

    @property
    def unconfigured(self) -> Provider:
        """The provider that answers what depends on no configuration, once it is needed."""
        with self._lock:
            if not self._unconfigured:
                self._unconfigured.append(Provider(self._binary))
            return self._unconfigured[0]

    def answer(self, method: str, request: bytes) -> bytes:
        """Answer to what is asked again and again, and always has the same answer.

        To check the arguments of a `provider` block, the provider checks the schemas of all types.
        """
        known = self._answers.get((method, request))
        if known is None:
            known = self._kept.get(method, request, self._ask)
            self._answers[method, request] = known
        return known

    def _ask(self, method: str, request: bytes) -> bytes:
        return self.unconfigured.call(method, request)

    def take(self, configuration: Configuration, connection: str) -> Provider:
        """Return the provider for a connection that is going to configure it."""
        with self._lock:
            sound = [p for p in self._providers if not p.is_spoiled]
            fitting = [p for p in sound if p.configuration == configuration]
            idle = [p for p in sound if not p.users]
            for provider in [*fitting, *idle]:
                self._providers.remove(provider)
                return self._reserve(provider, configuration, connection)
        started = Provider(self._binary)  # meanwhile, others find one
        with self._lock:
            return self._reserve(started, configuration, connection)

    def _reserve(
        self, provider: Provider, configuration: Configuration, connection: str
    ) -> Provider:
        if provider.configuration != configuration:
            provider.prepare(configuration)
        provider.users.add(connection)
        self._providers.append(provider)
        return provider

    def give(self, provider: Provider, connection: str) -> None:
        """A connection has ended; end its provider, or those that wait longest, if that is due."""
        with self._lock:
            provider.users.discard(connection)
            idle = [p for p in self._providers if not p.users]
            kept = [p for p in idle if not p.is_spoiled][-MAX_IDLE:]
            for surplus in (p for p in idle if p not in kept):
                self._providers.remove(surplus)
                surplus.end()

    def close(self) -> None:
        """End all providers."""
        for provider in [*self._providers, *self._unconfigured]:
            provider.end()


class Connections(grpc.GenericRpcHandler):  # type: ignore[misc]
    """What Terraform takes for the provider of an environment."""

    def __init__(self, pool: Pool, environment: Mapping[str, str]) -> None:
        """Serve on a free port of the loopback interface, in this environment."""
        self._pool, self._environment = pool, environment
        self._of: dict[str, Provider] = {}
        self._running: Counter[str] = Counter()
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

    def _opened(self, messages: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
        """A stream that Terraform opens first and that ends with the connection."""
        connection = context.peer()
        context.add_callback(lambda: self._closed(connection))
        yield from (b"" for _ in messages)

    def _closed(self, connection: str) -> None:
        provider = self._of.pop(connection, None)
        if provider:
            provider.is_spoiled |= self._running[connection] > 0
            self._pool.give(provider, connection)

    def _call(self, method: str, request: bytes, context: grpc.ServicerContext) -> Any:
        connection, name = context.peer(), method.removeprefix(PROVIDER)
        if name == "Configure" and connection not in self._of:
            configuration = Configuration(self._environment, request)
            self._of[connection] = self._pool.take(configuration, connection)
        provider = self._of.get(connection)
        if name == "Stop" and provider:
            provider.is_spoiled = True
        self._count(connection, 1)
        try:
            if name in SAME:
                return self._pool.answer(method, request)
            return (provider or self._pool.unconfigured).call(method, request)
        except grpc.RpcError as error:
            context.abort(error.code(), error.details())
        finally:
            self._count(connection, -1)

    def _count(self, connection: str, change: int) -> None:
        with self._lock:
            self._running[connection] += change


def main(descriptor: int) -> None:
    """Serve at a socket until standard input closes."""
    collect_seldom()
    pools: dict[str, Pool] = {}
    served: dict[bytes, Connections] = {}
    for caller in callers(descriptor):
        with suppress(ConnectionError):  # who asked may have been killed
            if not (asked := caller.recv(MESSAGE_BYTES)):
                continue
            if asked not in served:
                binary, environment = json.loads(asked)
                if binary not in pools:
                    pools[binary] = Pool(binary)
                served[asked] = Connections(pools[binary], environment)
            caller.send(str(served[asked].port).encode())
    for pool in pools.values():
        pool.close()
    # Calls that wait for an answer must not keep the process.
    os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]))
