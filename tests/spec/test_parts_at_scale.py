"""10,000 secrets in 20 specs over 50 parts: each part is read once, and work grows as they do."""

import pytest

from secretgen.spec.load import load_spec
from tests.spec.parts import SPEC, Files
from tests.work import calls_of

SPECS, PARTS = 20, 50
_SPEC = """\
version: 1
environment: e{index}
aws: {{ account_id: "123456789012", region: us-east-1 }}
backend: {{ bucket: my-terraform-state, locking: s3 }}
include:
"""


def _files(secrets: int) -> Files:
    entries = "".join(
        f"  $(stage)/{{part}}/secret-{n}: {{{{ description: Of $(stage), readers: [app] }}}}\n"
        for n in range(secrets)
    )
    text = "version: 1\ninputs: {{ stage: {{}} }}\nsecrets:\n" + entries
    files = {f"parts/{part}.yaml": text.format(part=part) for part in range(PARTS)}
    files["parts/accounts.yaml"] = "version: 1\naccounts: { app: { id: '111111111111' } }\n"
    return Files(files)


def _spec(index: int) -> bytes:
    text = _SPEC.format(index=index) + "  - parts/accounts.yaml\n"
    for part in range(PARTS):
        text += f"  - {{ file: parts/{part}.yaml, inputs: {{ stage: e{index} }} }}\n"
    return text.encode()


def _calls(secrets: int) -> int:
    """Returns how many functions are called for one spec with so many secrets in each part."""
    library = _files(secrets).library()
    loaded = []
    calls = calls_of(lambda: loaded.append(load_spec(_spec(0), SPEC, library)))
    assert loaded[0].diagnostics == []
    return calls


@pytest.mark.slow(15)
def test_10_000_secrets() -> None:
    files = _files(10)
    library = files.library()
    names: set[str] = set()
    for index in range(SPECS):
        loaded = load_spec(_spec(index), SPEC, library)
        assert loaded.diagnostics == []
        assert loaded.spec is not None
        names |= loaded.spec.secrets.keys()
    assert len(names) == SPECS * PARTS * 10
    assert sorted(files.reads) == sorted(files)
    _calls(1)  # what is built once only: imports, shapes, patterns
    assert _calls(8) < 5 * _calls(2), "four times the secrets take four times the work"
