"""The four formats, against golden files and the rules of each format.

`SECRETGEN_UPDATE_GOLDEN=1` rewrites the golden files.
"""

import json
import os
import random
import re
from pathlib import Path

import jsonschema
import pytest

from secretgen.diagnostics import Severity, Span
from secretgen.report import RuleText, as_text, findings_as
from tests.report.cases import FINDINGS, PASSWORD, SOURCES, TOKEN, error

HERE = Path(__file__).parent
RULES = {"SG101": RuleText("Keys are known", "Write one of *these*."), "SG999": RuleText("Unused")}


def render(name, findings=FINDINGS):
    if name == "text":
        return as_text(findings, SOURCES, width=80, color=False)
    if name == "color":
        return as_text(findings, SOURCES, width=80, color=True)
    return findings_as(name, findings, SOURCES, RULES)


FORMATS = ["text", "color", "json", "github", "sarif"]


@pytest.mark.parametrize("name", FORMATS)
def test_golden(name):
    file = HERE / "golden" / f"findings.{name}"
    actual = render(name)
    if os.environ.get("SECRETGEN_UPDATE_GOLDEN"):
        file.write_bytes(actual.encode())
    assert actual.encode() == file.read_bytes()


@pytest.mark.parametrize("name", FORMATS)
def test_order_of_findings_does_not_matter(name):
    shuffled = random.Random(1).sample(FINDINGS, len(FINDINGS))
    assert render(name, shuffled) == render(name)


@pytest.mark.parametrize("name", FORMATS)
def test_no_secret_and_no_control_character(name):
    actual = render(name)
    if name == "color":
        actual = re.sub(r"\033\[[0-9;]*m", "", actual)
        assert actual == render("text")
    for text in (actual, actual.encode().decode("unicode_escape")):
        assert TOKEN not in text
        assert PASSWORD not in text
        assert "secret line" not in text
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2028\u2029]", actual)


@pytest.mark.parametrize("name", ["json", "sarif"])
def test_no_control_character_after_an_escape(name):
    def strings(value):
        if isinstance(value, dict):
            value = [*value, *value.values()]
        if isinstance(value, list):
            return [text for item in value for text in strings(item)]
        return [value] if isinstance(value, str) else []

    for text in strings(json.loads(render(name))):
        assert text.isprintable()


def test_nothing_found():
    assert as_text([], {}, width=80, color=True) == ""
    assert findings_as("json", [], {}) == '{\n  "diagnostics": []\n}\n'
    assert findings_as("github", [], {}) == ""
    assert json.loads(findings_as("sarif", [], {}))["runs"][0]["results"] == []


def test_text_counts():
    one = as_text([FINDINGS[0]], SOURCES, width=80, color=False)
    assert one.splitlines()[-1] == "1 error in 1 file"
    warning = next(d for d in FINDINGS if d.severity is Severity.WARNING)
    both = as_text([FINDINGS[0], warning, FINDINGS[1]], SOURCES, width=80, color=False)
    assert both.splitlines()[-1] == "2 errors, 1 warning in 2 files"


def test_text_output_is_limited():
    many = [error("SG104", Span("f", n), "s", "d") for n in range(1, 1503)]
    lines = as_text(many, {}, width=80, color=False).splitlines()
    assert sum("error[SG104]" in line for line in lines) == 1000
    assert lines[-3:] == [
        "The first 1000 are shown; other formats hold all.",
        "",
        "1502 errors in 1 file",
    ]
    assert len(json.loads(findings_as("json", many, {}))["diagnostics"]) == 1502


@pytest.mark.parametrize("width", [1, 40, 80, 200, 10_000])
def test_text_fits_the_terminal(width):
    lines = as_text(FINDINGS, SOURCES, width=width, color=False).splitlines()
    excerpts = [line for line in lines if re.match(r"\d+ \|", line)]
    assert excerpts
    for line in excerpts:
        assert len(line) <= max(width, 60)


def test_json_matches_the_documented_schema():
    found = json.loads(render("json"))["diagnostics"]
    assert len(found) == len(FINDINGS)
    first = next(d for d in found if d["rule"] == "SG101")
    assert list(first.items()) == [
        ("rule", "SG101"),
        ("severity", "error"),
        ("summary", "unknown key 'readerz'"),
        ("detail", ""),
        ("file", "specs/production.yaml"),
        ("line", 2),
        ("column", 1),
        ("end_line", 2),
        ("end_column", 8),
        ("path", "readerz"),
        ("suggestion", "readers"),
        ("stage", "spec"),
    ]
    places = [(d["file"], d["line"], d["column"]) for d in found]
    assert places == sorted(places)


def test_github_commands_can_be_read_back():
    commands = render("github").splitlines()
    assert len(commands) == len(FINDINGS)
    errors_first = sorted(FINDINGS, key=lambda d: (d.severity, d.sort_key))
    for command, finding in zip(commands, errors_first, strict=True):
        match = re.fullmatch(r"::(error|warning) ([^:]*)::(.+)", command)
        assert match, command
        assert match[1] == finding.severity.value
        properties = dict(item.split("=", 1) for item in match[2].split(","))
        assert unescape(properties["file"]) == finding.span.file
        assert (int(properties["line"]), int(properties["col"])) == (
            finding.span.line,
            finding.span.column,
        )
        assert properties["title"].startswith(f"{finding.rule}%3A ")


def unescape(text):
    for escape, character in (("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(escape, character)
    return text


def schema():
    text = (HERE / "schema/sarif-2.1.0.json").read_text(encoding="utf-8-sig")
    return jsonschema.Draft202012Validator(json.loads(text))


def test_sarif_is_valid():
    schema().validate(json.loads(render("sarif")))
    schema().validate(json.loads(findings_as("sarif", [], {})))


def test_the_schema_rejects_something():
    log = json.loads(render("sarif"))
    log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0
    assert not schema().is_valid(log)


def test_sarif_messages_are_complete():
    run = json.loads(render("sarif"))["runs"][0]
    assert run["columnKind"] == "unicodeCodePoints"
    rules = run["tool"]["driver"]["rules"]
    assert {rule["id"] for rule in rules} == {d.rule for d in FINDINGS}
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    known = next(rule for rule in rules if rule["id"] == "SG101")
    assert known["shortDescription"] == {"text": "Keys are known"}
    assert known["help"]["markdown"] == "Write one of *these*."


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("specs/a b.yaml", "specs/a%20b.yaml"),
        ("specs/é#?.yaml", "specs/%C3%A9%23%3F.yaml"),
        ("/tmp/a b.yaml", "file:///tmp/a%20b.yaml"),
        ("../a.yaml", "../a.yaml"),
    ],
)
def test_sarif_names_files_by_uri(file, uri):
    log = json.loads(findings_as("sarif", [error("SG001", Span(file), "x", "y")], {}))
    schema().validate(log)
    place = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == uri
