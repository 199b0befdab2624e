"""The page about editors shows modelines that lead to the published schema."""

import re
from pathlib import Path

from secretgen.spec.load import load_spec
from tests.rules.support import complete

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/reference/editor.md").read_text(encoding="utf-8")


def test_both_modelines_lead_to_the_schema_from_the_folder_of_specs() -> None:
    found = re.findall(r"^# (yaml-language-server: )?\$schema=(\S+)$", PAGE, re.MULTILINE)
    assert [editor for editor, _ in found] == ["yaml-language-server: ", ""]
    for _, target in found:
        assert (ROOT / "specs" / target).resolve() == ROOT / "docs/reference/spec.schema.json"


def test_spec_can_begin_with_a_byte_order_mark() -> None:
    lines = "\n".join(line for line in PAGE.splitlines() if line.startswith("# ") and "$" in line)
    assert load_spec(f"{lines}\n{complete('')}".encode(), "spec.yaml").is_valid
