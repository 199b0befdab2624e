"""The time that a change takes to judge grows as the number of changes and of `ignore` entries."""

import time

from secretgen.change import changes_between
from secretgen.project.guard import judged
from tests.change.support import valid
from tests.rules.support import TODAY


def _seconds(count: int) -> float:
    def excerpt(days: int) -> str:
        field = f"{{ kms_key: aws-managed, recovery_window_days: {days} }}"
        return "secrets:\n" + "".join(f"  app/s{n}: {field}\n" for n in range(count))

    entry = "  - {{ rule: SG512, of: secrets.app/s{}, reason: Agreed }}\n"
    ignores = "ignore:\n" + "".join(entry.format(n) for n in range(count))
    before, after = valid(excerpt(30)), valid(excerpt(7) + ignores)
    changes = changes_between(before.parts[1], after.parts[1])
    start = time.process_time()
    findings = [judged(after, change, TODAY).finding for change in changes]
    seconds = time.process_time() - start
    assert sum(bool(finding and finding.excused) for finding in findings) == count
    return seconds


def test_four_times_the_changes_and_entries_take_four_times_the_time() -> None:
    _seconds(1)  # what is made once only
    few = min(_seconds(300) for _ in range(2))
    assert _seconds(1200) < 8 * few + 0.02, "quadratic work takes sixteen times the time"
