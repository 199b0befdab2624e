"""Measures the commands as whole processes and prints a table.

    python -m tests.bench [SECRETS...]

Each figure is the median of three runs: CPU seconds (user and system), wall seconds, and peak
memory of the process.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

SIZES = (4, 100, 1000)
RUNS = 3
HEAD = """\
version: 1
environment: bench
aws: { account_id: "123456789012", region: us-east-1 }
backend: { bucket: bench-terraform-state, locking: s3 }
accounts:
  app: { id: "111111111111" }
secrets:
"""


def spec(count: int, days: int = 30) -> str:
    """A spec of so many secrets, each with a key and a reader; one rotates every `days`."""
    rotation = "lambda_arn: arn:aws:lambda:us-east-1:123456789012:function:rotate"
    body = "".join(f"  app/secret-{n}: {{ readers: [app] }}\n" for n in range(count - 1))
    return f"{HEAD}{body}  app/rotated: {{ rotation: {{ {rotation}, every_days: {days} }} }}\n"


def measure(root: Path, command: str) -> tuple[float, float, float]:
    """Runs a command once; returns CPU seconds, wall seconds and peak memory in MB."""
    start = time.perf_counter()
    child = os.fork()
    if child == 0:
        os.chdir(root)
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        os.execv(sys.executable, [sys.executable, "-m", "secretgen", command])
    _, _, usage = os.wait4(child, 0)
    wall = time.perf_counter() - start
    return usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024


def median(root: Path, command: str, prepare: Callable[[int], None]) -> str:
    """Runs a command a few times, each after `prepare`; returns the row of its medians."""
    runs = []
    for number in range(RUNS):
        prepare(number)
        runs.append(measure(root, command))
    cpu, wall, memory = (statistics.median(column) for column in zip(*runs, strict=True))
    return f"{cpu:8.2f} {wall:8.2f} {memory:8.0f}"


def main(sizes: tuple[int, ...]) -> None:
    """Prints one row for each size and command."""
    print(f"{'secrets':>8}  {'command':<22} {'cpu s':>8} {'wall s':>8} {'MB':>8}")  # noqa: T201
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            file = root / "specs" / "bench.yaml"
            file.parent.mkdir()

            def write(days: int, file: Path = file, size: int = size) -> None:
                file.write_text(spec(size, 30 + days), encoding="utf-8")

            def remove(_: int, root: Path = root) -> None:
                for path in (root / "environments").rglob("*"):
                    if path.is_file():
                        path.unlink()

            write(0)
            for title, command, prepare in (
                ("validate", "validate", lambda _: None),
                ("render", "render", remove),
                ("render after a change", "render", write),
                ("check, in sync", "check", lambda _: None),
            ):
                print(f"{size:>8}  {title:<22} {median(root, command, prepare)}")  # noqa: T201


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or SIZES)
