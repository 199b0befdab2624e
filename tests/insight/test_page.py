"""The page with diagram, access and cost."""

import re
from html.parser import HTMLParser

from secretgen.access.access_findings import Finding, Kind
from secretgen.access.access_report import access_report
from secretgen.insight.cost.estimate import estimate
from secretgen.insight.cost.prices import default_prices
from secretgen.insight.page.html import page
from tests.insight.browser import dump, printed, result_of
from tests.insight.environments import environment, many, with_texts

DATABASE = "prod/database/master-password"


def page_of(env, **findings):
    return page(env, access_report(env, **findings), estimate(env, default_prices()))


class Outline(HTMLParser):
    """Collects tags, and text outside of scripts and styles."""

    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.texts = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        if self.tags and self.tags[-1][0] not in ("script", "style"):
            self.texts.append(data.strip())


def test_the_page_is_complete_and_needs_nothing_else():
    text = page_of(environment())
    outline = Outline(text)
    tags = [tag for tag, _ in outline.tags]
    assert (tags.count("svg"), tags.count("script"), tags.count("table")) == (1, 1, 3)
    assert {"yes", "depends", "7.00 to 17.00", DATABASE} <= set(outline.texts)
    urls = [value for _, attrs in outline.tags for name, value in attrs.items() if name in ("src", "href", "action")]  # fmt: skip # noqa: E501
    assert urls == []
    assert not any(name.startswith("on") or name == "style" for _, a in outline.tags for name in a)


def test_page_is_accessible():
    tags = Outline(page_of(environment())).tags
    names = [tag for tag, _ in tags]
    assert (names.count("main"), names.count("h1"), names.count("h2")) == (1, 1, 3)
    assert all(attrs.get("scope") in ("col", "row") for tag, attrs in tags if tag == "th")
    tables = [attrs["aria-label"] for tag, attrs in tags if tag == "table"]
    assert len(set(tables)) == 3
    reached = [attrs for _, attrs in tags if attrs.get("tabindex") == "0"]
    assert [attrs["aria-label"] for attrs in reached] == tables
    assert {attrs["role"] for attrs in reached} == {"region"}


def test_print_shows_every_row(tmp_path):
    sheets = [printed(page_of(many(count)), tmp_path).count(b"/Type /Page\n") for count in (5, 90)]
    assert sheets[1] >= sheets[0] + 8


def test_findings_come_first():
    finding = Finding(Kind.BEYOND, "resource policy of x", "AllowReaders", "allows <everything>")
    text = page_of(environment(), findings=[finding])
    assert "The resource policy of x, AllowReaders, allows &lt;everything&gt;." in text
    assert "Access differs from the spec: 1 finding." in text


def test_text_stays_text():
    hostile = "</script><script>alert(1)</script>\x1b\u202e"
    text = page_of(with_texts(DATABASE, group=hostile, description=hostile))
    outline = Outline(text)
    assert [tag for tag, _ in outline.tags].count("script") == 1
    assert not {"\x1b", "\u202e"} & set(text)


def test_the_same_environment_gives_the_same_page():
    assert page_of(many(10)) == page_of(many(10))


def test_its_own_script_and_styles_run_and_no_others(tmp_path):
    evil = "<script>document.title = 'evil';</script><img src=x onerror=\"document.title='evil'\">"
    text = page_of(environment()).replace("</body>", evil + "</body>")
    dumped = dump(text, tmp_path)
    assert re.search(r'<form id="filter" aria-label="Filter">', dumped)
    assert "<title>production: access and cost</title>" in dumped


FILTER = """
const set = (name, value) => {
  const field = document.getElementById("filter").elements[name];
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
};
const show = () => {
  const rows = [...document.querySelectorAll("tr[data-main]")].filter((r) => r.offsetParent);
  const columns = [...document.querySelectorAll("th[data-column]")].filter((c) => c.offsetParent);
  result.push([
    rows.map((r) => r.dataset.secret.split("/").pop() + " " + r.dataset.region).join(", "),
    columns.map((c) => c.firstChild.textContent).join(", "),
    document.querySelector("output").value,
  ].join(" | "));
};
show();
set("secret", " DATABASE"); show();
set("region", "us-west-2"); show();
set("secret", ""); set("region", ""); set("account", "333333333333"); show();
set("region", "us-west-2"); show();
set("account", ""); set("region", ""); show();
const styled = getComputedStyle(document.querySelector(".sg-name")).fontSize;
result.push(styled);
"""


def test_the_filter_works_in_a_browser(tmp_path):
    every = (
        "oauth-client-secret us-east-1, master-password us-east-1, master-password us-west-2,"
        " datadog-api-key us-east-1, api-gateway-key us-east-1"
        " | app-primary, app-secondary, monitoring, partner, this account | 5 shown"
    )
    columns = "app-primary, app-secondary, monitoring, partner, this account"
    assert result_of(page_of(environment()), FILTER, tmp_path).splitlines() == [
        every,
        f"master-password us-east-1, master-password us-west-2 | {columns} | 2 shown",
        f"master-password us-west-2 | {columns} | 1 shown",
        "datadog-api-key us-east-1 | monitoring | 1 shown",
        " | monitoring | 0 shown",
        every,
        "13px",
    ]
