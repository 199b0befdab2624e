"""The picture of an environment, as Mermaid and as SVG."""

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secretgen.insight.diagram.mermaid import mermaid
from secretgen.insight.diagram.picture import picture
from secretgen.insight.diagram.svg import svg
from secretgen.insight.diagram.svg_shapes import fit
from secretgen.insight.plain_text import cells
from tests.insight.browser import result_of
from tests.insight.environments import FUNCTION, environment, many, with_secret, with_texts

NAMESPACE = "{http://www.w3.org/2000/svg}"
DATABASE = "prod/database/master-password"
ARN = "arn:aws:kms:us-east-1:123456789012:key/1a2b3c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d"


def parsed(text):
    return ET.fromstring(text)


def texts(root):
    return [element.text for element in root.iter(f"{NAMESPACE}text")]


def hints(root):
    return [element.text for element in root.iter(f"{NAMESPACE}title")]


@pytest.mark.parametrize("count", [1, 4, 12, 13, 40, 400])
def test_everything_is_in_the_svg(count):
    env = many(count)
    root = parsed(svg(env))
    shown = texts(root)
    for secret in env.secrets:
        assert shown.count(secret.name) == 1
    for account in env.accounts:
        assert account.name in shown
        assert account.id in shown
    assert {env.aws.region, *env.replica_regions} <= set(shown)
    reads = [hint for hint in hints(root) if hint and " reads " in hint]
    assert sorted(reads) == sorted(
        f"{reader.account}:{reader.role} reads {secret.name}"
        for secret in env.secrets
        for reader in secret.readers
    )
    assert len([s for s in shown if s == "every 30 days"]) == sum(
        secret.rotation is not None for secret in env.secrets
    )
    assert shown.count("replica") == sum(len(secret.replicas) for secret in env.secrets)


def test_dot_marks_each_reader_of_a_secret():
    env = environment()
    root = parsed(svg(env))
    places = {}
    for group in root.iter(f"{NAMESPACE}g"):
        title, name = group.find(f"{NAMESPACE}title").text, group.find(f"{NAMESPACE}text")
        for circle in group.iter(f"{NAMESPACE}circle"):
            if " reads " in title:
                places[title] = (circle.get("class")[-1], circle.get("cx"), int(circle.get("cy")))
        if name is not None and name.text in {s.name for s in env.secrets}:
            card = group.find(f"{NAMESPACE}rect")
            places[name.text] = (int(card.get("y")), int(card.get("y")) + int(card.get("height")))
    lines = [e for e in root.iter(f"{NAMESPACE}line") if "sg-lane" in e.get("class")]
    lanes = {e.get("class")[-1]: e.get("x1") for e in lines}
    assert list(lanes) == ["0", "1", "2", "3"]
    names = [account.name for account in env.accounts]
    for secret in env.secrets:
        top, bottom = places[secret.name]
        for reader in secret.readers:
            colour, x, y = places[f"{reader.account}:{reader.role} reads {secret.name}"]
            assert colour == str(names.index(reader.account))
            assert x == lanes[colour]
            assert top < y < bottom


def test_writers_have_marks_of_their_own_on_the_lane_of_their_role():
    name = "prod/monitoring/datadog-api-key"
    writers = ["monitoring", {"account": "partner", "role": "deploy"}]
    env = with_secret(name, writers=writers)
    root = parsed(svg(env))
    marks = {
        group.find(f"{NAMESPACE}title").text: mark
        for group in root.iter(f"{NAMESPACE}g")
        for mark in (group.find(f"{NAMESPACE}circle"), group.find(f"{NAMESPACE}rect"))
        if mark is not None and "sg-dot" in mark.get("class")
    }
    lanes = {e.get("class")[-1]: int(e.get("x1")) for e in root.iter(f"{NAMESPACE}line")}
    both = (marks[f"monitoring:secrets-reader {does} {name}"] for does in ("reads", "writes"))
    read, written = both
    side = int(written.get("width"))
    assert int(read.get("cx")) + int(read.get("r")) < int(written.get("x"))
    alone = marks[f"partner:deploy writes {name}"]
    assert int(alone.get("x")) + side // 2 == lanes[alone.get("class")[-1]]
    assert "role that writes it" in texts(root)
    assert "role that writes it" not in texts(parsed(svg(environment())))
    edges = re.findall(r"--->(?:\|(.*)\|)? reader\d", mermaid(env))
    assert sorted(edges) == ["", "", "", "", "", "", "", "reads and writes", "writes"]


@pytest.mark.parametrize("count", [1, 4, 40, 400])
def test_the_svg_grows_no_faster_than_the_environment(count):
    root = parsed(svg(many(count)))
    assert int(root.get("width")) < 1700
    assert int(root.get("height")) < 500 + 60 * min(count, 12) + 34 * count
    assert len(svg(many(count))) < 12_000 + 1_500 * count


def test_secrets_with_a_shared_key_are_next_to_it():
    secrets = {name: {"kms_key": "database" if name in "ace" else "dedicated"} for name in "abcde"}
    rows = picture(environment(secrets=secrets)).groups[0].rows
    assert [row.name for row in rows] == ["a", "c", "e", "b", "d"]
    root = parsed(svg(environment(secrets=secrets)))
    assert texts(root).count("database") == 1
    assert texts(root).count("own key") == 2


def test_external_keys_and_schedules_are_listed():
    rotation = {"lambda_arn": FUNCTION, "schedule": "cron(0 3 ? * SUN *)"}
    env = with_secret(DATABASE, kms_key=ARN, replicas=[], rotation=rotation)
    root = parsed(svg(env))
    assert "key …3b4c5d" in texts(root)
    assert ARN in hints(root)
    assert "cron(0 3 ? * SUN *)" in texts(root)
    assert "AWS-managed" in texts(parsed(svg(with_secret(DATABASE, kms_key="aws-managed"))))


def test_many_readers_get_narrow_lanes():
    env = many(8, accounts=14)
    root = parsed(svg(env))
    assert "team-09 secrets-reader" in texts(root)
    turned = [t for t in root.iter(f"{NAMESPACE}text") if t.get("transform")]
    assert len(turned) == 14


HOSTILE = (
    "</text><script>alert(1)</script>\"'&]]>\x1b[31m\u202e\ufffe %%{init: {}}%% `x` #35; --> end"
)


def test_text_stays_text():
    env = with_texts(DATABASE, group=HOSTILE, description=HOSTILE)
    picture_text = svg(env)
    root = parsed(picture_text)
    assert not list(root.iter(f"{NAMESPACE}script"))
    for hidden in ("\x1b", "\u202e", "\ufffe"):
        assert hidden not in picture_text
        assert hidden not in mermaid(env)
    heading = next(t for t in texts(root) if t.startswith("</text>"))
    assert heading.startswith("</text><script>")
    assert not any(name.startswith("on") for e in root.iter() for name in e.attrib)
    assert not any("href" in name for e in root.iter() for name in e.attrib)


@given(st.text(max_size=30), st.text(max_size=30))
@settings(max_examples=60)
def test_any_text_gives_a_document(group, description):
    env = with_texts(DATABASE, group=group, description=description)
    parsed(svg(env))
    for line in mermaid(env).splitlines()[1:]:
        assert MERMAID_LINE.fullmatch(line), line


LABEL = r'"[^"`<>{}\[\]|;\\]*(?:(?:#\d+;|<br>)[^"`<>{}\[\]|;\\]*)*"'
MERMAID_LINE = re.compile(
    rf"flowchart LR| *subgraph \w+\[{LABEL}\]| *end| *\w+\[{LABEL}\]| *\w+\(\[{LABEL}\]\)"
    rf"| *\w+\{{\{{{LABEL}\}}\}}|  \w+ (?:-->|--->|-\.->|-\.-) \w+"
)


def test_mermaid_of_the_reference():
    text = mermaid(environment())
    assert text.splitlines()[1:4] == [
        "flowchart LR",
        '  subgraph account["production, account 123456789012"]',
        '    subgraph primary["us-east-1"]',
    ]
    database = re.search(
        r'(secret\d)\["prod/database/master-password<br>rotates every 30 days"\]', text
    )
    key = re.search(r'(key\d)\{\{"key database"\}\}', text)
    assert f"  {key.group(1)} -.- {database.group(1)}\n" in text
    assert f"  {database.group(1)} -.-> {database.group(1)}_us_west_2\n" in text
    readers = dict(re.findall(r'(reader\d)\(\["([\w-]+)<br>', text))
    edges = re.findall(rf"  {database.group(1)} ---> (reader\d)\n", text)
    assert [readers[edge] for edge in edges] == ["app-primary", "app-secondary"]


@pytest.mark.parametrize(("count", "nodes"), [(4, 4), (24, 24), (40, 5), (400, 5)])
def test_mermaid_shows_groups_where_secrets_are_too_many(count, nodes):
    text = mermaid(many(count))
    assert len(re.findall(r"^ +secrets?\d+\[", text, re.MULTILINE)) == nodes
    assert len(re.findall(r"-->|-\.-", text)) < 120
    if nodes == 5:
        assert f"{count // 5} secrets" in text


def test_the_same_environment_gives_the_same_picture():
    secrets = {f"s{n}": {"group": f"g{n % 3}", "readers": ["partner"]} for n in range(6)}
    backwards = dict(reversed(secrets.items()))
    assert svg(environment(secrets=secrets)) == svg(environment(secrets=backwards))
    assert mermaid(environment(secrets=secrets)) == mermaid(environment(secrets=backwards))


@given(st.text(min_size=1, max_size=40), st.integers(1, 40))
def test_text_that_is_shortened_fits(text, width):
    shown = fit(text, width)
    assert cells(shown) <= max(width, 1)
    if cells(text) <= width:
        assert shown == text


FITS = """
const box = (element) => element.getBoundingClientRect();
const meet = (a, b) => a.left < b.right && b.left < a.right
  && a.top < b.bottom - 2 && b.top < a.bottom - 2;
for (const svg of document.querySelectorAll("svg")) {
  const whole = box(svg);
  for (const text of svg.querySelectorAll("text")) {
    const own = box(text);
    if (own.right > whole.right || own.bottom > whole.bottom) {
      result.push("outside the picture: " + text.textContent);
    }
    const around = [...svg.querySelectorAll("rect")].map(box)
      .filter((r) => r.left <= own.left && r.top <= own.top && r.bottom >= own.bottom)
      .filter((r) => r.right > own.left)
      .sort((a, b) => a.width * a.height - b.width * b.height);
    if (around[0].right < own.right) {
      result.push("wider than its box: " + text.textContent);
    }
  }
  for (const group of svg.querySelectorAll("g")) {
    const texts = [...group.querySelectorAll("text")];
    for (const a of texts) for (const b of texts) {
      if (a !== b && meet(box(a), box(b))) {
        result.push("one over the other: " + a.textContent + " / " + b.textContent);
      }
    }
  }
}
"""


def test_text_fits_its_box_in_a_browser(tmp_path):
    long = with_secret(
        "prod/" + "w" * 100,
        description="A rather long description " * 8,
        group="A rather long heading " * 8,
        rotation={"lambda_arn": FUNCTION, "schedule": "cron(0 3 ? * SUN *)"},
        kms_key=ARN,
        readers=["app-primary"],
    )
    wide = environment(
        accounts={name: {"id": f"{n:012}"} for n, name in enumerate(("m" * 40, "app-secondary"))},
        secrets={
            "prod/x": {
                "readers": ["m" * 40, "app-secondary"],
                "replicas": ["ap-northeast-1", "ap-southeast-2", "us-gov-west-1"],
                "group": "M" * 60,
            }
        },
    )
    pictures = [svg(env) for env in (environment(), many(40), many(20, 14), long, wide)]
    page = f"<!DOCTYPE html><html><body>{''.join(pictures)}</body></html>"
    assert result_of(page, FITS, tmp_path) == ""
