"""Work on the tags of a secret grows as they do."""

from collections.abc import Iterator
from typing import Any

from secretgen import rules
from secretgen.spec.load import load_spec

_SPEC = """\
version: 1
environment: e
aws: { account_id: "123456789012", region: us-east-1 }
backend: { bucket: my-terraform-state, locking: s3 }
secrets:
  app/token:
    tags:
"""


class Counted(dict[str, str]):
    """Tags that count how often one of them is looked at in passing."""

    looks = 0

    def __iter__(self) -> Iterator[str]:
        for key in super().__iter__():
            Counted.looks += 1
            yield key

    def items(self) -> Any:
        return [(key, self[key]) for key in self]


def _looks(tags: int) -> int:
    text = _SPEC + "".join(f"      Tag{n}: x\n" for n in range(tags))
    loaded = load_spec(text.encode(), "specs/e.yaml")
    assert loaded.spec
    secret = loaded.spec.secrets["app/token"]
    object.__setattr__(secret, "tags", Counted(secret.tags))
    Counted.looks = 0
    assert rules.findings(loaded, today="2026-01-01")
    return Counted.looks


def test_work_on_tags_is_linear() -> None:
    assert 0 < _looks(400) < 5 * _looks(100), "four times the tags take four times the work"
