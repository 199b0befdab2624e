"""Renders that are killed, or whose system calls fail, at each of their steps.

Run as a program of its own (`python -m tests.tree.crash ATTACK SCENARIO FOLDER`): it forks a
child for each attempt, which a process with threads should not do. It ends with exit code 0
and one line with the number of attempts, or with an assertion.

Steps are what the interpreter's audit events tell (each call that changes a folder) or each
line of `secretgen.tree` that is run. So the code under attack knows nothing of it.
"""

import mmap
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from errno import ENOSPC, EPERM
from functools import partial
from itertools import count
from pathlib import Path

import secretgen.tree
from secretgen.errors import FileAccessError
from secretgen.tree import exchange, locked_root, recover
from tests.tree.trees import HOME, Rendered, leftovers, put, render, snapshot, tree

SOURCES = str(Path(secretgen.tree.__file__).parent)
CHANGING = {"os.mkdir", "os.rename", "os.link", "os.remove", "os.rmdir", "os.fork"}
Act = Callable[[], None]

KILLED = -signal.SIGKILL
REFUSED = 7
INTERRUPTED = 8

FOREIGN = {
    f"{HOME}/terraform.tfvars": "theirs",
    f"{HOME}/.terraform/providers/registry/aws": "provider",
    f"{HOME}/consumers/old/terraform.tfstate": "state",
    "environments/legacy/main.tf": "theirs",
    "modules/aws-secrets/notes.txt": "theirs",
}


@dataclass(frozen=True)
class Scenario:
    """A tree, and the one to render over it."""

    old: Rendered
    new: Rendered
    exchange: bool = True
    one_call: bool = False
    """All changes are in one folder: the tree is never mixed, even if nobody is left to finish."""


def small(value: int, module: int, *accounts: str) -> Rendered:
    """As few files as show everything: the attempts grow with the square of them."""
    files = tree(value, module=module, accounts=accounts)
    return {path: file for path, file in files.items() if path.endswith(".tf")}


SCENARIOS = {
    "first": Scenario({}, small(2, 2, "app")),
    "environment": Scenario(small(1, 1, "app", "old"), small(2, 1, "app", "new"), one_call=True),
    "everything": Scenario(small(1, 1, "app", "old"), small(2, 2, "app", "new")),
    "without-exchange": Scenario(small(1, 1, "old"), small(2, 2, "new"), exchange=False),
    "nothing-left": Scenario(small(1, 1, "app"), {}),
}


class Arena:
    """The folder of a scenario, put back to its old tree before each attempt."""

    def __init__(self, scenario: Scenario, folder: Path) -> None:
        if not scenario.exchange:
            exchange._system_call = lambda: None
        self.scenario = scenario
        self.start, self.root = folder / "start", folder / "root"
        self.start.mkdir()
        if scenario.old:
            render(self.start, scenario.old)
            for path, text in FOREIGN.items():
                put(self.start, path, text)
            (self.start / HOME / "link.tf").symlink_to("/nonexistent")
        self.old = snapshot(self.start)
        self.reset()
        render(self.root, scenario.new)
        self.new = snapshot(self.root)
        assert self.old != self.new

    def reset(self) -> None:
        shutil.rmtree(self.root, ignore_errors=True)
        shutil.copytree(self.start, self.root, symlinks=True)

    def attempt(self, arm: Callable[[], None], act: Callable[[], object] | None = None) -> int:
        """Renders (or does `act`) in a child; returns how it ended."""
        child = os.fork()
        if child == 0:
            os.setpgid(0, 0)
            self.process = os.getpid()
            try:
                arm()
                (act or self.render)()
            except FileAccessError:
                os._exit(REFUSED)
            except KeyboardInterrupt:
                os._exit(INTERRUPTED)
            except BaseException:  # noqa: BLE001 the parent must not run on in here
                sys.excepthook(*sys.exc_info())
                os._exit(1)
            os._exit(0)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert status in (0, REFUSED, INTERRUPTED, KILLED), status
        return status

    def kill(self) -> None:
        """Kills the attempt with its process group; a child of it that has left that lives on."""
        os.killpg(self.process, signal.SIGKILL)

    def kill_everybody(self) -> None:
        self.kill()
        os.kill(os.getpid(), signal.SIGKILL)

    def interrupt(self) -> None:
        """Does what Ctrl-C does, and gives a parent the time to react."""
        os.killpg(self.process, signal.SIGINT)
        if os.getpid() != self.process:
            time.sleep(0.1)

    def render(self) -> None:
        render(self.root, self.scenario.new)

    def recover(self) -> None:
        with locked_root(self.root) as root:
            recover(root)

    def settled(self) -> dict[str, bytes | str]:
        """The tree as soon as no process is at work on it any more."""
        with locked_root(self.root, shared=True):
            return snapshot(self.root)

    def assert_whole(self, why: object) -> bool:
        """The tree is the old or the new one, before and after the next run heals it."""
        assert self.settled() in (self.old, self.new), why
        return self.assert_heals(why)

    def assert_heals(self, why: object) -> bool:
        """The next run leaves the old or the new tree and nothing else."""
        self.recover()
        assert snapshot(self.root) in (self.old, self.new), why
        assert not leftovers(self.root), why
        return True


class Counter:
    """Counts steps over all processes of an attempt."""

    def __init__(self) -> None:
        self.shared = mmap.mmap(-1, 8)

    def next(self) -> int:
        number = int.from_bytes(self.shared[:])
        self.shared[:] = (number + 1).to_bytes(8)
        return number


def at_event(number: int, act: Act, *, later: bool = False, counter: Counter | None = None) -> None:
    """Does something before a call that changes a folder.

    Args:
        number: the how manieth call, of this process and those it forks.
        act: kills, or raises in place of the call.
        later: also in place of all later calls that need room on the disk.
        counter: counts the calls.
    """
    counter = counter or Counter()

    def hook(event: str, arguments: tuple) -> None:
        creates = event == "open" and isinstance(arguments[2], int) and arguments[2] & os.O_CREAT
        if creates or event in CHANGING:
            current = counter.next()
            grows = creates or event in ("os.mkdir", "os.link")
            if current == number or (later and current > number and grows):
                act()

    sys.addaudithook(hook)


def at_line(number: int, act: Act) -> None:
    """Does something at the how manieth line of `secretgen.tree`."""
    counter = Counter()

    def trace(frame, event, argument):
        if not frame.f_code.co_filename.startswith(SOURCES):
            return None
        if event == "line" and counter.next() == number:
            act()
        return trace

    sys.settrace(trace)


def disk_full() -> None:
    raise OSError(ENOSPC, os.strerror(ENOSPC), "injected")


def each_step(arena: Arena, act: Act, arm=at_event, *, skip: int = 0, **options) -> Iterator[int]:
    """Attacks one step after the other, until there are no more, and yields their numbers.

    Args:
        arena: the tree under attack.
        act: what to do at a step.
        arm: `at_event` or `at_line`.
        skip: how many steps to leave out at most between two attacks; a random number.
        options: for `arm`.
    """
    hit = mmap.mmap(-1, 1)

    def act_and_tell() -> None:
        hit[0] = 1
        act()

    number = random.randint(0, skip)
    while True:
        hit[0] = 0
        arena.reset()
        status = arena.attempt(partial(arm, number, act_and_tell, **options))
        if not hit[0]:
            assert status == 0
            assert arena.settled() == arena.new
            return
        yield number
        number += 1 + random.randint(0, skip)


def kill_at_each_step(arena: Arena) -> int:
    return sum(arena.assert_whole(number) for number in each_step(arena, arena.kill))


def interrupt_at_steps(arena: Arena) -> int:
    """An interrupted render ends when everything is in order, and leaves nobody at work."""
    attempts = 0
    for number in each_step(arena, arena.interrupt, skip=2):
        with locked_root(arena.root, wait_seconds=0):
            attempts += 1
        arena.assert_whole(number)
    return attempts


def kill_everybody_at_steps(arena: Arena) -> int:
    """Nobody is left to finish, as after a power failure."""
    steps = each_step(arena, arena.kill_everybody, skip=2)
    if arena.scenario.one_call:
        return sum(arena.assert_whole(number) for number in steps)
    return sum(arena.assert_heals(number) for number in steps)


def kill_recovery_at_each_step(arena: Arena) -> int:
    """Kills a render late on its way, and the recovery from it at each of its own steps."""
    counter = Counter()
    arena.reset()
    arena.attempt(partial(at_event, -1, arena.kill, counter=counter))
    attempts = 0
    for percent in (72, 85):
        first = counter.next() * percent // 100
        for second in count():
            arena.reset()
            assert arena.attempt(partial(at_event, first, arena.kill)) == KILLED
            status = arena.attempt(partial(at_event, second, arena.kill), arena.recover)
            attempts += arena.assert_whole((first, second))
            if status == 0:
                break
    return attempts


def kill_at_lines(arena: Arena) -> int:
    """Kills at some of the 14,000 lines that a small render runs."""
    lines = each_step(arena, arena.kill, at_line, skip=600)
    return sum(arena.assert_whole(number) for number in lines)


def write_late_at_steps(arena: Arena) -> int:
    """After the kill somebody writes to the folder that is not visible: nothing is lost."""
    late = {
        "late.txt": b"new",
        "terraform.tfvars": b"changed",
        ".terraform/providers/registry/other": b"new",
    }
    attempts = 0
    for number in each_step(arena, arena.kill, skip=2):
        decided = list(arena.root.glob(".secretgen-*/journal.json"))
        staged = [path for file in decided for path in file.parent.glob("swap/*") if path.is_dir()]
        for folder in staged:
            put(arena.root, f"{HOME}/both.txt", "visible")
            put(folder, "both.txt", "late")
            for path, content in late.items():
                put(folder, f"{path}.tmp", content.decode()).rename(folder / path)
        with locked_root(arena.root) as root:
            kept = recover(root).kept
        if staged:
            assert kept == (f".secretgen-kept-1/{HOME}/both.txt",), number
            assert (arena.root / kept[0]).read_text() == "late"
            after = snapshot(arena.root)
            assert after.pop(f"{HOME}/both.txt") == b"visible"
            new = f"{HOME}/consumers/new/main.tf" in after
            expected = arena.new if new else arena.old
            assert after == expected | {f"{HOME}/{path}": text for path, text in late.items()}
            attempts += 1
        else:
            assert not kept
            assert not leftovers(arena.root)
    return attempts


def kill_from_outside(arena: Arena) -> int:
    """Kills at random times, the process group as well, as an impatient user would."""
    attempts = 0
    while attempts < 30:
        arena.reset()
        child = os.fork()
        if child == 0:
            os.setpgid(0, 0)
            for rendered in [arena.scenario.new, arena.scenario.old] * 20:
                render(arena.root, rendered)
            os._exit(1)
        os.setpgid(child, child)
        delay = random.uniform(0.001, 0.06)
        time.sleep(delay)
        os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)
        attempts += arena.assert_whole(delay)
    return attempts


def fail_at_each_step(arena: Arena) -> int:
    """One call fails: the render is refused or finds another way, the tree is whole."""
    return sum(arena.assert_whole(n) for n in each_step(arena, disk_full))


def fail_from_steps(arena: Arena) -> int:
    """The disk is full from some call on."""
    failing = each_step(arena, disk_full, skip=6, later=True)
    return sum(arena.assert_whole(number) for number in failing)


def fail_on_each_file(arena: Arena) -> int:
    """A file can be read but not be touched, as with `chattr +i`: nothing is changed at all."""

    def forbid(name: str) -> None:
        def hook(event: str, arguments: tuple) -> None:
            touched = {"os.rename": arguments[:2], "os.link": arguments[:1]}.get(event, ())
            if name in touched:
                raise PermissionError(EPERM, os.strerror(EPERM), name)

        sys.addaudithook(hook)

    names = {Path(path).name for path in arena.scenario.old}
    for name in names:
        arena.reset()
        assert arena.attempt(partial(forbid, name)) == REFUSED
        assert snapshot(arena.root) == arena.old, name
        assert not leftovers(arena.root), name
    return len(names)


ATTACKS = (
    fail_on_each_file,
    interrupt_at_steps,
    kill_at_each_step,
    kill_everybody_at_steps,
    kill_recovery_at_each_step,
    kill_at_lines,
    write_late_at_steps,
    kill_from_outside,
    fail_at_each_step,
    fail_from_steps,
)


def main(name: str, scenario: str, folder: str) -> None:
    attack = next(attack for attack in ATTACKS if attack.__name__ == name)
    attempts = attack(Arena(SCENARIOS[scenario], Path(folder)))
    sys.stdout.write(f"{attempts} attempts\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
