"""A process beside the tests that serves them at a socket, and ends with the one that started it.

It is `python -m MODULE DESCRIPTOR`, of a socket that listens, and serves until its standard input
closes. Several processes of tests may call it: the socket has a path.
"""

import atexit
import os
import select
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
MESSAGE_BYTES = 200_000


def socket_of(module: str) -> str:
    """The path of the socket of such a process. Who calls before it is ready waits.

    It is started once: a variable of the environment leads those that this one starts to it.
    """
    variable = f"SECRETGEN_TEST_{module.rpartition('.')[2].upper()}"
    if variable not in os.environ:
        os.environ[variable] = _start(module)
    return os.environ[variable]


def _start(module: str) -> str:
    kept = tempfile.TemporaryDirectory()
    path = f"{kept.name}/socket"
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
        listening.bind(path)
        listening.listen(socket.SOMAXCONN)
        server = subprocess.Popen(
            [sys.executable, "-m", module, str(listening.fileno())],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            env={"PYTHONWARNINGS": "ignore", "GRPC_ENABLE_FORK_SUPPORT": "0"},
            pass_fds=[listening.fileno()],
        )

    def end() -> None:
        server.communicate(timeout=30)
        kept.cleanup()

    atexit.register(end)
    return path


def callers(descriptor: int) -> Iterator[socket.socket]:
    """Yield the connection of each caller, which is closed after it, until standard input closes.

    Args:
        descriptor: the socket that listens.
    """
    with socket.socket(fileno=descriptor) as server:
        while sys.stdin not in select.select([server, sys.stdin], [], [])[0]:
            caller, _ = server.accept()
            with caller:
                yield caller
