"""One AWS provider for many calls of Terraform, kept running beside the tests of a process."""

import atexit
import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from tests.harness.install import PROVIDER, Installation

REPOSITORY = Path(__file__).resolve().parents[2]

# Another thread would read the answer to this one's question.
_asking = threading.Lock()


def attached(installation: Installation, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment variable that leads Terraform to a provider that runs in `environment`.

    https://developer.hashicorp.com/terraform/plugin/debugging#running-terraform-with-a-provider-in-debug-mode
    """
    with _asking:
        port = _port(installation, json.dumps(environment, sort_keys=True))
    attach = {
        "Protocol": "grpc",
        "ProtocolVersion": 5,
        "Pid": os.getpid(),
        "Test": True,  # Terraform leaves it running
        "Addr": {"Network": "tcp", "String": f"127.0.0.1:{port}"},
    }
    return {"TF_REATTACH_PROVIDERS": json.dumps({PROVIDER: attach})}


@cache
def _port(installation: Installation, environment: str) -> int:
    pool = _pool(installation)
    assert pool.stdin
    assert pool.stdout
    pool.stdin.write(environment + "\n")
    pool.stdin.flush()
    return int(pool.stdout.readline())


@cache
def _pool(installation: Installation) -> subprocess.Popen[str]:
    """Start the process that keeps the providers; it ends with this one, however that ends."""
    (binary,) = installation.mirror.glob(f"{PROVIDER}/*/*/terraform-provider-aws*")
    pool = subprocess.Popen(
        [sys.executable, "-m", "tests.harness.provider_pool", str(binary)],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={"PYTHONWARNINGS": "ignore", "GRPC_ENABLE_FORK_SUPPORT": "0"},
    )
    atexit.register(_end, pool)
    return pool


def _end(pool: subprocess.Popen[str]) -> None:
    pool.communicate(timeout=30)
