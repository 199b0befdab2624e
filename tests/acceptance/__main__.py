"""`make acceptance`: the year of the end-to-end tests in a real AWS account.

Nothing runs unless an account is named, and nothing is created before somebody has agreed. Whatever
ends a run, everything that it created is deleted; after a kill, `teardown` finds what is left.
"""

import signal
import sys
import tempfile
from pathlib import Path
from types import FrameType

from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

from tests.acceptance.bill import bill_for
from tests.acceptance.checks import TRAIL
from tests.acceptance.life import live
from tests.acceptance.remains import remains, tear_down
from tests.acceptance.report import Outcome, Report
from tests.acceptance.settings import Settings, settings
from tests.acceptance.subject import create_probe

DONE, FAILED, REFUSED, LEFT, INTERRUPTED = 0, 1, 2, 3, 130
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM)


def main(words: list[str]) -> int:
    """Does what the flags ask for.

    Returns:
        0 when all that ran has passed; 1 when something failed; 2 when nothing was begun; 3 when
        something is left behind; 130 when the run was interrupted.
    """
    wanted = settings(words)
    try:
        return _teardown(wanted) if wanted.action == "teardown" else _run(wanted)
    except (BotoCoreError, ClientError) as error:
        _say(f"AWS: {error}")
        return FAILED


def _run(wanted: Settings) -> int:
    left = [str(found) for found in remains(wanted.aws, wanted.place)]
    if left:
        _say("An earlier run left this, or it is somebody else's:", *left)
        _say("Delete it with `teardown`, or choose another --prefix.")
        return REFUSED
    _say(*_announced(wanted))
    if not _agreed(wanted):
        return REFUSED
    report, code = Report(), DONE
    if not wanted.trail:
        report.leave_out(TRAIL, "takes up to 15 minutes: add --cloudtrail")
    for number in ENDING:
        signal.signal(number, _interrupt)
    signal.alarm(wanted.hours * 3600)
    try:
        with tempfile.TemporaryDirectory(prefix=wanted.place.prefix) as folder:
            project, scratch = Path(folder, "project"), Path(folder, "scratch")
            project.mkdir()
            scratch.mkdir()
            create_probe(wanted.aws, wanted.place)
            live(wanted.place, wanted.aws, project, scratch, report, year=wanted.year)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except Exception as error:  # noqa: BLE001 -- everything is deleted first, then it is reported
        _say(str(error))
        code = FAILED
    finally:
        for number in ENDING:
            signal.signal(number, signal.SIG_IGN)
        signal.alarm(0)
        left_behind = _torn_down(wanted)
    sys.stdout.write(report.text())
    if wanted.report:
        wanted.report.write_text(report.markdown(), encoding="utf-8")
    return exit_code(report, ended=code, is_left=left_behind)


def exit_code(report: Report, *, ended: int, is_left: bool) -> int:
    """The exit code of a run.

    Args:
        report: what it has shown.
        ended: how the life itself ended: `DONE`, `FAILED` or `INTERRUPTED`.
        is_left: whether something could not be deleted.
    """
    if is_left:
        return LEFT
    return ended or (FAILED if report.having(Outcome.FAILED) else DONE)


def _teardown(wanted: Settings) -> int:
    found = [str(remain) for remain in remains(wanted.aws, wanted.place)]
    if not found:
        _say(f"Nothing is left of {wanted.place.prefix}.")
        return DONE
    _say("To delete:", *found)
    if not _agreed(wanted):
        return REFUSED
    return LEFT if _torn_down(wanted) else DONE


def _torn_down(wanted: Settings) -> bool:
    """Deletes everything; returns whether something is left."""
    _say("Deleting everything with this prefix; an interrupt does not end that.")
    try:
        left = tear_down(wanted.aws, wanted.place, pause=min(wanted.aws.patience, 15))
    except (BotoCoreError, ClientError) as error:
        left = [f"all that was there: {error}"]
    if left:
        _say("Left behind:", *left, "Run `teardown` again in some minutes.")
    return bool(left)


def _announced(wanted: Settings) -> list[str]:
    place = wanted.place
    bill = bill_for(wanted.year, hours=wanted.hours, has_services=wanted.aws.has_services)
    return [
        f"Account        {place.account}",
        f"Reader account {place.reader or 'none: checks across accounts do not run'}",
        f"Regions        {', '.join(place.regions)}",
        f"Prefix         {place.prefix}",
        f"Creates        at most {bill.secrets} secrets with replicas and {bill.keys} KMS keys",
        "               a state bucket, a lock table, a function, roles, an alarm topic, rules",
        f"Costs          at most USD {bill.most}, if it takes {wanted.hours} h",
        f"               USD {bill.month} a month if nothing were deleted",
        "Ends           everything is deleted; keys wait 7 days for that, without cost",
    ]


def _agreed(wanted: Settings) -> bool:
    if wanted.yes:
        return True
    if not sys.stdin.isatty():
        _say("Nobody can be asked here: add --yes.")
        return False
    _say(f"Type the prefix to begin: {wanted.place.prefix}")
    return sys.stdin.readline().strip() == wanted.place.prefix


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Ends the run; a second signal changes nothing."""
    for other in ENDING:
        signal.signal(other, signal.SIG_IGN)
    raise KeyboardInterrupt


def _say(*lines: str) -> None:
    sys.stderr.write("".join(f"{line}\n" for line in lines))
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
