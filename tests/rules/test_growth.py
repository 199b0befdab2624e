"""The work that a spec takes grows as its size does, whichever part of it is large."""

from collections.abc import Callable

import pytest

from secretgen import rules
from secretgen.spec.load import load_spec
from tests.spec.parts import SPEC, Files
from tests.work import calls_of

_HEAD = """\
version: 1
environment: e
aws: { account_id: "123456789012", region: us-east-1 }
backend: { bucket: my-terraform-state, locking: s3 }
"""


def _lines(count: int, line: str) -> str:
    return "".join(f"{line.format(n=n, id=200_000_000_000 + n)}\n" for n in range(count))


def _wide(count: int) -> str:
    return (
        f"{_HEAD}accounts:\n{_lines(count, '  a{n}: {{ id: {id} }}')}"
        f"keys:\n{_lines(count, '  k{n}: {{}}')}"
        f"secrets:\n  app/first:\n    readers:\n{_lines(count, '      - a{n}')}"
        f"{_lines(count, '  app/s{n}: {{ kms_key: k{n}, readers: [a{n}] }}')}"
        f"ignore:\n{_lines(count, '  - {{ rule: SG408, of: accounts.a{n}, reason: Agreed }}')}"
    )


def _changes(count: int) -> str:
    entries = (
        "  - destroy: secrets.old/s{n}",
        "  - forget: secrets.other/s{n}",
        "  - destroy: secrets.app/s{n}.kms_key",
        "  - move: {{ from: keys.k{n}, to: keys.k1{n} }}",
    )
    secrets = _lines(count, "  app/s{n}: {{ kms_key: aws-managed }}")
    text = f"{_HEAD}keys: {{ k1: {{}} }}\nsecrets:\n{secrets}changes:\n"
    return text + _lines(count, "\n".join(entries))


def _tags(count: int) -> str:
    return f"{_HEAD}secrets:\n  app/s:\n    tags:\n{_lines(count, '      t{n}: v')}"


def _part(_count: int) -> str:
    return f"{_HEAD}include: [{{ file: parts/large.yaml, inputs: {{ stage: prod }} }}]\n"


def _calls(text: str, count: int) -> int:
    secrets = _lines(count, "  $(stage)/s{n}: {{ description: Of $(stage) }}")
    part = f"version: 1\ninputs: {{ stage: {{}} }}\nsecrets:\n{secrets}"
    library = Files({"parts/large.yaml": part}).library()
    return calls_of(
        lambda: rules.findings(load_spec(text.encode(), SPEC, library), today="2026-01-01")
    )


@pytest.mark.slow(seconds=2)
@pytest.mark.parametrize("spec", [_wide, _changes, _tags, _part])
def test_four_times_the_size_takes_four_times_the_work(spec: Callable[[int], str]) -> None:
    small, large = 150, 600
    _calls(spec(1), 1)  # what is made once only
    assert _calls(spec(large), large) < 5 * _calls(spec(small), small)
