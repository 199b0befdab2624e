"""The process that serves the local AWS: `python -m tests.harness.moto_server`.

It prints its port once it answers and ends when its standard input closes, so it never outlives
the test run that started it, however that ended.
"""

import io
import sys
from functools import cache
from typing import Any

from moto.core import responses
from moto.kms import models as kms
from moto.moto_server import threaded_moto_server
from moto.moto_server.threaded_moto_server import ThreadedMotoServer
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler
from werkzeug.test import run_wsgi_app

from tests.harness import moto_gaps

ANSWER_BYTES = 1 << 20


class Handler(MotoRequestHandler):  # type: ignore[misc]
    """Keeps connections: to open one for each request takes longer than to answer it.

    Terraform, if it has the head of an answer before the body, now and then gives the connection
    up and asks again; a lock that it has got is then one that somebody holds. So an answer is sent
    in one piece.
    """

    protocol_version = "HTTP/1.1"
    wbufsize = ANSWER_BYTES
    disable_nagle_algorithm = True

    def handle_expect_100(self) -> bool:
        """Ask for the body at once."""
        is_expected: bool = super().handle_expect_100()
        self.wfile.flush()
        return is_expected

    def run_wsgi(self) -> None:
        """Answer a request, after all of it is read."""
        self.environ = self.make_environ()
        size = -1 if "wsgi.input_terminated" in self.environ else self.headers["Content-Length"]
        self.environ["wsgi.input"] = io.BytesIO(self.environ["wsgi.input"].read(int(size or 0)))
        body, status, headers = run_wsgi_app(self.server.app, self.environ)
        data = b"".join(body)
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        if "Content-Length" not in headers:
            headers["Content-Length"] = str(len(data))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)
        self.wfile.flush()

    def log_request(self, *_: object) -> None:
        """There is nobody who reads it."""


def main() -> None:
    """Serve on a free port of the loopback interface until standard input closes."""
    moto_gaps.close()
    _leave_out_idle_work()
    threaded_moto_server.MotoRequestHandler = Handler
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    sys.stdin.read()
    server.stop()


def _leave_out_idle_work() -> None:
    """Half of the server's time goes into what no caller can see.

    It lists its own folders to find the service of a request and the methods of a class to find
    what answers it, and gives each symmetric key of KMS an RSA key, which only signing would use.
    """
    find = DomainDispatcherApplication.get_backend_for_host
    DomainDispatcherApplication.get_backend_for_host = cache(find)
    responses.method_names_from_class = cache(responses.method_names_from_class)
    generate = kms.generate_private_key

    def private_key(key_spec: str) -> Any:
        return None if key_spec == "SYMMETRIC_DEFAULT" else generate(key_spec)

    kms.generate_private_key = private_key


if __name__ == "__main__":
    main()
