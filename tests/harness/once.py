"""What takes long is made once for all processes that run tests."""

import fcntl
import json
import os
from collections.abc import Callable
from typing import Any

import pytest


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[], Any]) -> Any:
    """Returns what the first process made; the others wait for it.

    Args:
        factory: pytest's own.
        name: what is made, as the name of a file.
        make: makes it, as data that JSON can hold.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return make()
    folder = factory.getbasetemp().parent
    file = folder / f"{name}.json"
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            file.write_text(json.dumps(make()), "utf-8")
    return json.loads(file.read_text("utf-8"))
