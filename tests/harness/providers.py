"""AWS providers that run for many calls of Terraform, of all processes of tests."""

import json
import os
import socket
from collections.abc import Mapping
from functools import cache

from tests.harness.install import PROVIDER, Installation
from tests.harness.service import socket_of

MODULE = "tests.harness.provider_pool"


def attached(installation: Installation, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment variable that leads Terraform to a provider that runs in `environment`.

    https://developer.hashicorp.com/terraform/plugin/debugging#running-terraform-with-a-provider-in-debug-mode
    """
    (binary,) = installation.mirror.glob(f"{PROVIDER}/*/*/terraform-provider-aws*")
    port = _port(json.dumps([str(binary), dict(environment)], sort_keys=True))
    attach = {
        "Protocol": "grpc",
        "ProtocolVersion": 5,
        "Pid": os.getpid(),
        "Test": True,  # Terraform leaves it running
        "Addr": {"Network": "tcp", "String": f"127.0.0.1:{port}"},
    }
    return {"TF_REATTACH_PROVIDERS": json.dumps({PROVIDER: attach})}


@cache
def _port(asked: str) -> int:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as pool:
        pool.connect(socket_of(MODULE))
        pool.send(asked.encode())
        return int(pool.recv(9))
