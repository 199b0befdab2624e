"""What a test needs and this machine lacks: red in CI, skipped loudly elsewhere, never silent."""

import os
from typing import NoReturn

import pytest

PREFIX = "NOT TESTED: "


def missing(what: str, *, excused: bool = False) -> NoReturn:
    """Ends the test: it fails where `CI` is set and is skipped elsewhere, or if that is excused."""
    if os.environ.get("CI") and not excused:
        pytest.fail(PREFIX + what, pytrace=False)
    pytest.skip(PREFIX + what)


def summarise(reporter: pytest.TerminalReporter) -> None:
    """Says at the end of a run what did not run, once for each reason."""
    skipped = [
        r.longrepr[2] for r in reporter.stats.get("skipped", ()) if type(r.longrepr) is tuple
    ]
    reasons = [reason.split(PREFIX)[1] for reason in skipped if PREFIX in reason]
    if reasons:
        reporter.write_sep("!", "SOME TESTS DID NOT RUN", red=True, bold=True)
    for reason in dict.fromkeys(reasons):
        reporter.write_line(f"{reasons.count(reason)} skipped: {reason}", red=True)
