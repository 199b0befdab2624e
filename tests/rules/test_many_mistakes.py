"""All mistakes of a spec are told in one run, each at its line, and nothing else."""

import re
from pathlib import Path

from tests.rules.support import findings_in

TEXT = (Path(__file__).parent / "many_mistakes.yaml").read_text(encoding="utf-8")


def test_all_are_reported_at_once() -> None:
    expected = sorted(
        (line, rule)
        for line, text in enumerate(TEXT.splitlines(), 1)
        for rule in re.findall(r"SG[0-9]{3}", text.partition(" # ")[2])
    )
    found = [(d.span.line, d.rule) for d in findings_in(TEXT)]
    assert found == expected
    assert len({rule for _, rule in found}) >= 40
