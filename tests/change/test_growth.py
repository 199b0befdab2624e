"""The work of judging changes grows as the number of changes and of `ignore` entries."""

from secretgen.change import changes_between
from secretgen.project.guard import judged
from tests.change.support import valid
from tests.rules.support import TODAY
from tests.work import calls_of


def _calls(count: int) -> int:
    def excerpt(days: int) -> str:
        field = f"{{ kms_key: aws-managed, recovery_window_days: {days} }}"
        return "secrets:\n" + "".join(f"  app/s{n}: {field}\n" for n in range(count))

    entry = "  - {{ rule: SG512, of: secrets.app/s{}, reason: Agreed }}\n"
    ignores = "ignore:\n" + "".join(entry.format(n) for n in range(count))
    before, after = valid(excerpt(30)), valid(excerpt(7) + ignores)
    changes = changes_between(before.parts[1], after.parts[1])
    findings = []

    def judge() -> None:
        findings.extend(judged(after, change, TODAY).finding for change in changes)

    calls = calls_of(judge)
    assert sum(bool(finding and finding.allowed) for finding in findings) == count
    return calls


def test_four_times_the_changes_and_entries_take_four_times_the_work() -> None:
    _calls(1)  # what is made once only
    assert _calls(400) < 5 * _calls(100)
