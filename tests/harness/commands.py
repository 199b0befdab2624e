"""`secretgen` and `aws` as scripts call them, without Python's start and imports at each call.

`command_folder()` holds both commands. Each asks a process that has imported everything; that one
forks, and the fork runs the command with the caller's arguments, environment, folder and streams.
"""

import atexit
import gc
import os
import pkgutil
import shutil
import socket
import sys
import tempfile
import traceback
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from importlib import import_module
from pathlib import Path

import boto3  # type: ignore[import-untyped]
import botocore.session  # type: ignore[import-untyped]

import secretgen
from secretgen.__main__ import main as run_secretgen
from secretgen.cli import run
from tests.harness.aws_command import main as run_aws
from tests.harness.service import MESSAGE_BYTES, REPOSITORY, callers, socket_of
from tests.remembered import remember

MODULE = "tests.harness.commands"
RENDERED = REPOSITORY / "tests/specs/rich.yaml"
SERVICES = ("dynamodb", "iam", "kms", "s3", "secretsmanager", "sts")
COMMANDS: dict[str, Callable[[], None]] = {
    "aws": lambda: run_aws(sys.argv[1:]),
    "secretgen": run_secretgen,
}
CLIENT = """\
#!{python} -IS
import os, socket, sys
given = [{name!r}, os.getcwd(), str(len(sys.argv)), *sys.argv[1:]]
given += [f"{{name}}={{value}}" for name, value in os.environ.items()]
with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as server:
    server.connect({socket!r})
    socket.send_fds(server, [os.fsencode("\\0".join(given))], [0, 1, 2])
    sys.exit(int(server.recv(9) or 1))
"""


@cache
def command_folder() -> Path:
    """The folder of the commands: the first one of a PATH."""
    kept = tempfile.TemporaryDirectory()
    atexit.register(kept.cleanup)
    folder, path = Path(kept.name), socket_of(MODULE)
    for name in COMMANDS:
        client = CLIENT.format(python=sys.executable, name=name, socket=path)
        (folder / name).write_text(client)
        (folder / name).chmod(0o755)
    return folder


def search_path() -> str:
    """The PATH on which both commands come first."""
    return os.pathsep.join([str(command_folder()), os.environ["PATH"]])


def main(descriptor: int) -> None:
    """Serve at a socket until standard input closes."""
    _import_all()
    _render_once()
    # What is loaded by now stays: a fork whose garbage collector looks at it copies all of it.
    gc.freeze()
    for caller in callers(descriptor):
        if not os.fork():
            _run(caller)
        _reap()


def _import_all() -> None:
    """Load what the commands would load: modules, and the API models of the services."""
    for module in pkgutil.walk_packages(secretgen.__path__, "secretgen."):
        import_module(module.name)
    loaded = botocore.session.get_session()
    models = loaded.get_component("data_loader")
    for service in SERVICES:
        loaded.create_client(service, "us-east-1", aws_access_key_id="-", aws_secret_access_key="-")
        models.load_service_model(service, "paginators-1")
    # Another session with the same models, which has not looked at any settings.
    fresh = botocore.session.get_session()
    fresh.register_component("data_loader", models)
    boto3.setup_default_session(botocore_session=fresh)


def _render_once() -> None:
    """Load what depends on no project: the grammar of HCL, and templates as Jinja compiles them."""
    remember()
    with tempfile.TemporaryDirectory() as project, Path(os.devnull).open("w") as nowhere:
        spec = Path(project, "specs", RENDERED.name)
        spec.parent.mkdir()
        shutil.copy(RENDERED, spec)
        with redirect_stdout(nowhere), redirect_stderr(nowhere):
            assert run(["render", "--root", project]) == 0


def _reap() -> None:
    """Forget the forks that have ended."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def _run(caller: socket.socket) -> None:
    """Run what a caller asks for, answer with the exit code, and end this process."""
    code = 1
    try:
        request, streams, _, _ = socket.recv_fds(caller, MESSAGE_BYTES, 3)
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")  # noqa: SIM115
        name, folder, count, *rest = os.fsdecode(request).split("\0")
        arguments, variables = rest[: int(count) - 1], rest[int(count) - 1 :]
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(variable.split("=", 1) for variable in variables)
        sys.argv = [name, *arguments]
        COMMANDS[name]()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(bool(ended.code))
        if isinstance(ended.code, str):
            sys.stderr.write(f"{ended.code}\n")
    except BaseException:  # noqa: BLE001 -- as Python ends a program
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        caller.send(str(code).encode())
        os._exit(code)


if __name__ == "__main__":
    main(int(sys.argv[1]))
