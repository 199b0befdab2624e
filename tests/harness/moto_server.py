"""The process that serves the local AWS: `python -m tests.harness.moto_server`.

It prints its port once it answers and ends when its standard input closes, so it never outlives
the test run that started it, however that ended.
"""

import sys

from moto.moto_server.threaded_moto_server import ThreadedMotoServer
from moto.moto_server.werkzeug_app import MotoRequestHandler

from tests.harness import moto_gaps

ANSWER_BYTES = 1 << 20


def main() -> None:
    """Serve on a free port of the loopback interface until standard input closes."""
    moto_gaps.close()
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


if __name__ == "__main__":
    main()
