"""The process that serves the local AWS: `python -m tests.harness.moto_server`.

It prints its port once it answers and ends when its standard input closes, so it never outlives
the test run that started it, however that ended.
"""

import sys
from functools import cache
from typing import Any

from moto.core import responses
from moto.kms import models as kms
from moto.moto_server.threaded_moto_server import ThreadedMotoServer
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler

from tests.garbage import collect_seldom
from tests.harness import moto_gaps

ANSWER_BYTES = 1 << 20


def main() -> None:
    """Serve on a free port of the loopback interface until standard input closes."""
    moto_gaps.close()
    collect_seldom()
    _leave_out_idle_work()
    # The server closes the connection behind each answer. Terraform, if it has the head of one
    # before the body, now and then gives the connection up and asks again; a lock that it has got
    # is then one that somebody holds. So an answer is sent in one piece.
    MotoRequestHandler.wbufsize = ANSWER_BYTES
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    sys.stdin.read()
    server.stop()


def _leave_out_idle_work() -> None:
    """Half of the server's time goes into what no caller can see.

    It logs each request to a closed terminal, lists its own folders to find the service of a
    request and the methods of a class to find what answers it, and gives each symmetric key of KMS
    an RSA key, which only signing would use.
    """
    MotoRequestHandler.log_request = lambda *_: None
    find = DomainDispatcherApplication.get_backend_for_host
    DomainDispatcherApplication.get_backend_for_host = cache(find)
    responses.method_names_from_class = cache(responses.method_names_from_class)
    generate = kms.generate_private_key

    def private_key(key_spec: str) -> Any:
        return None if key_spec == "SYMMETRIC_DEFAULT" else generate(key_spec)

    kms.generate_private_key = private_key


if __name__ == "__main__":
    main()
