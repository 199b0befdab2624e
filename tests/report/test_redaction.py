"""A secret in a spec is in no report, whatever else is wrong with the spec."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secretgen.diagnostics import Diagnostic, Severity, Span
from secretgen.report import as_text, findings_as
from secretgen.report.redact import Redactor
from secretgen.spec.credentials import find_in_text
from secretgen.spec.load import load_spec

CANARY = "c4n4ry-Zq7"
TOKEN = "ghp_" + "abcdefghijklmnopqrstuvwxyz0123456789"
FILE = "specs/x.yaml"

SPEC = """\
version: 1
environment: production
aws: {{account_id: "123456789012", region: us-east-1}}
backend: {{bucket: my-bucket, locking: s3}}
secrets:
  prod/db/master-password:
    description: Master password
    group: Databases
{secret}
    readers: []
"""


def indented(text):
    return "".join(f"    {line}\n" for line in text.splitlines()).rstrip("\n")


def reports(source):
    loaded = load_spec(source.encode(), FILE)
    found = list(loaded.diagnostics)
    found += find_in_text(loaded.text, FILE, found)
    sources = {FILE: loaded.text}
    yield as_text(found, sources, width=100, color=True)
    for output_format in ("json", "github", "sarif"):
        yield findings_as(output_format, found, sources)
    # Any other rule may point at any line.
    everywhere = [
        Diagnostic("SG999", Severity.WARNING, "here", "", Span(FILE, line, 1, line, 2))
        for line in range(1, source.count("\n") + 1)
    ]
    yield as_text([*found, *everywhere], sources, width=200, color=False)


READABLE = [
    "value: {x}",
    "value: '{x}'",
    "value: |\n  {x}\n",
    "value: >-\n  one\n  {x}\n",
    "value: [{x}]",
    "value: {{from: {{x: {x}}}}}",
    "value: {{from: json, fields: {{password: {x}}}}}",
    "value: {{from: json, fields: {{password: {{literal: {x}}}}}}}",
    "value: {{from: json, fields: {{password: {{litteral: {x}}}}}}}",
    "value: {{from: json, fields: {{anything: {x}}}}}",
    'value: {{from: json, fields: {{"client_secret":{{"literal":"{x}"}}}}}}',
    "value:\n  from: json\n  fields:\n    password:\n      literal: {x}\n",
    "value:\n  from: json\n  fields:\n    password:\n      literal:\n        {x}\n",
    "value: &v {x}",
    "vlaue: {x}",
    "secret_string: {x}",
    "secret_strng: {x}",
    "secretString: >\n  {x}\n",
    "something: {x}",
    "something: {{else: {x}}}",
    "password: {x}",
    "passwords: [{x}, {x}]",
    "ignore: [{{password: {x}}}]",
    "api_key: {x} # {x}",
    "tags: {{Password: {x}}}",
]

UNREADABLE = [
    "value: {x}\n oops: [",
    'value: "{x}\n',
    "value: '{x}' x",
    "value: @{x}",
    "value: {x}: y",
    "value: %{x}",
    "value: {{from: json, fields: {{password: {{literal: {x}: }}}}}}",
    "password: '{x}",
    "password: {x} : : ",
    "password:\n\t{x}\n",
    "password:\n  {x}\n  a: b\n",
    "password: |0\n  {x}\n",
    "password: |\n  {x}\n b: c\n",
    "password:\n  literal: '{x}' '\n",
    "- password: {x}\n  [",
    '"api-key":"{x}" x',
    "{{client_secret: {x}",
    "token: !x!{x} {x}",
    "private_key: |\n  region: {x}\n [",
    "private_key: |\n  first\n  {x}\n  last\n [",
]


@pytest.mark.parametrize("secret", READABLE)
@pytest.mark.parametrize("text", [CANARY, TOKEN])
def test_in_a_readable_spec(secret, text):
    source = SPEC.format(secret=indented(secret.format(x=text)))
    assert text in source
    for report in reports(source):
        assert text not in report


@pytest.mark.parametrize("secret", [*UNREADABLE, *READABLE])
@pytest.mark.parametrize("text", [CANARY, TOKEN])
@pytest.mark.parametrize("broken", ["", "\nx: [", "\na: b: c", "\n---\n", "\n\x00"])
def test_in_a_spec_that_is_no_yaml(secret, text, broken):
    source = SPEC.format(secret=indented(secret.format(x=text))) + broken
    for report in reports(source):
        assert text not in report


@pytest.mark.parametrize(
    "source",
    [
        f"# {TOKEN}\n" + SPEC.format(secret=""),
        SPEC.format(secret="").replace("Master password", TOKEN),
        SPEC.format(secret="").replace("prod/db/master-password", TOKEN),
        SPEC.format(secret="").replace("my-bucket", TOKEN),
        SPEC.format(secret="").replace("locking: s3", f"locking: {TOKEN}"),
        SPEC.format(secret="").replace("readers: []", f"readers: [{TOKEN}, {{{TOKEN}: {TOKEN}}}]"),
        SPEC.format(secret="").replace("version: 1", f"version: 1\n{TOKEN}: 2\n{TOKEN}: 3"),
        f"{TOKEN}",
        f"- {TOKEN}",
        f"&{TOKEN} *{TOKEN}",
    ],
)
def test_tokens_anywhere(source):
    for report in reports(source):
        assert TOKEN not in report


@settings(max_examples=150)
@given(
    st.sampled_from(READABLE),
    st.lists(
        st.tuples(st.integers(0, 600), st.sampled_from("\"'[]{}:,\n\t|>&*!%@#-? ")), max_size=3
    ),
)
def test_in_a_mutated_spec(secret, insertions):
    source = SPEC.format(secret=indented(secret.format(x=TOKEN)))
    for offset, character in insertions:
        if TOKEN in source[:offset] + character + source[offset:]:
            source = source[:offset] + character + source[offset:]
    for report in reports(source):
        assert TOKEN not in report


def test_no_line_of_invalid_yaml_is_shown():
    source = SPEC.format(secret="") + "x: ["
    report = as_text(
        load_spec(source.encode(), FILE).diagnostics, {FILE: source}, width=100, color=False
    )
    assert f"{FILE}:" in report
    assert not [line for line in source.splitlines() if line.strip() and line in report]


def test_unreadable_text_is_masked():
    source = {FILE: "passwrd: hunter2\nname: hunter2\n"}

    def shown(rule, line, end, suggestion=""):
        span = Span(FILE, line, 1, line, end)
        found = Diagnostic(rule, Severity.ERROR, "s", "d", span, (), suggestion)
        return "hunter2" in as_text([found], source, width=100, color=False)

    assert not shown("SG101", 1, 8)
    assert not shown("SG101", 1, 8, "value")
    assert shown("SG101", 1, 8, "readers")
    assert shown("SG104", 2, 5)
    assert not shown("SG002", 2, 5)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("a: {pw: hunter2, b: c}", "a: {pw: ********, b: c}"),
        ("a: {pw: hunter2, x: {y: hunter3}, qw: z}", "a: {pw: ********, x: {y: hunter3}, qw: z}"),
        ("a: {pw: 'hunter2, b', b: c}", "a: {pw: ********"),
        ("a: {pw: {b: hunter2}, c: d}", "a: {pw: ********"),
        ('a: {"{": b, pw: hunter2, b: c}', 'a: {"{": b, pw: ********'),
        ("pw: hunter2, b: c", "pw: ********"),
    ],
)
def test_unterminated_token_is_masked_to_its_end(line, shown):
    column = line.index("pw") + 1
    span = Span(FILE, 1, column, 1, column + 2)
    found = Diagnostic("SG101", Severity.ERROR, "s", "d", span)
    report = as_text([found], {FILE: f"{line}\n"}, width=100, color=False)
    assert f"1 | {shown}\n" in report


def test_many_secrets_in_one_line():
    text = "a: [" + ", ".join(["hunter2-secret-text"] * 5_000) + "]\n"
    spans = [Span(FILE, 1, 5 + 21 * n, 1, 24 + 21 * n) for n in range(5_000)]
    found = [Diagnostic("SG302", Severity.ERROR, "s", "d", span) for span in spans]
    redactor = Redactor(found, {FILE: text})
    for span in spans:
        assert any(
            begin <= span.column < span.end_column <= end for begin, end in redactor.hidden(FILE, 1)
        )
    echo = Diagnostic("SG999", Severity.ERROR, "hunter2-secret-text", "", spans[17])
    assert redactor.finding(echo).summary == "********"
