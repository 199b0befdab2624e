"""The page: one file, no outside resource, readable without its script."""

from __future__ import annotations

import base64
import hashlib
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources

from secretgen.access.access_report import AccessReport
from secretgen.access.callers import Principal
from secretgen.access.policy_verdicts import Access, Answer, Verdict
from secretgen.insight.access_formats import finding_text
from secretgen.insight.cost.cost_formats import estimate_rows, span
from secretgen.insight.cost.estimate import Estimate, Line
from secretgen.insight.diagram.svg import svg_element
from secretgen.insight.diagram.svg_shapes import stylesheet
from secretgen.insight.plain_text import one_line
from secretgen.model.environment import Environment
from secretgen.model.words import counted

Child = ET.Element | str | None


def page(environment: Environment, report: AccessReport, estimated: Estimate) -> str:
    """Makes the page of an environment.

    Args:
        environment: the environment.
        report: who can read what in it.
        estimated: what it costs.

    Returns:
        An HTML document.
    """
    css, script = _asset("page.css"), _asset("page.js")
    picture = svg_element(environment)
    document = _el(
        "html",
        _el(
            "head",
            _el("meta", charset="utf-8"),
            _el("meta", http_equiv="Content-Security-Policy", content=_policy(css, script)),
            _el("meta", name="viewport", content="width=device-width"),
            _el("title", f"{environment.name}: access and cost"),
            _el("style", css),
        ),
        _el(
            "body",
            _el(
                "main",
                *_heading(environment, report),
                _el("h2", "Diagram"),
                _el("div", picture, class_="scroll"),
                *_access(report),
                *_cost(estimated),
            ),
            _el("script", script),
        ),
        lang="en",
    )
    return "<!DOCTYPE html>\n" + ET.tostring(document, encoding="unicode", method="html") + "\n"


def _asset(name: str) -> str:
    return (resources.files(__package__) / name).read_text(encoding="utf-8")


def _policy(css: str, script: str) -> str:
    """Allows this page's own style sheets and script by their digests, and nothing else."""
    styles = " ".join(_digest(text) for text in (css, stylesheet()))
    return f"default-src 'none'; style-src {styles}; script-src {_digest(script)}"


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _el(tag: str, *children: Child, **attributes: str) -> ET.Element:
    """Makes an element; in names a trailing underscore is dropped, an inner one is a hyphen."""
    plain = {k.rstrip("_").replace("_", "-"): one_line(v) for k, v in attributes.items()}
    element = ET.Element(tag, plain)
    for child in children:
        if isinstance(child, ET.Element):
            element.append(child)
        elif child:
            shown = child if tag in ("script", "style") else one_line(child)
            if len(element):
                element[-1].tail = f" {shown}"
            else:
                element.text = shown
    return element


def _heading(environment: Environment, report: AccessReport) -> Iterator[ET.Element]:
    yield _el("h1", environment.name)
    if environment.description:
        yield _el("p", environment.description, class_="soft")
    if report.ok:
        yield _el("p", "Access matches the spec.", class_="verdict")
    else:
        number = counted(len(report.findings), "finding")
        yield _el("p", f"Access differs from the spec: {number}.", class_="verdict bad")
        items = (_el("li", finding_text(finding)) for finding in report.findings)
        yield _el("ul", *items, class_="findings")
    yield from (_el("p", f"Note: {note}", class_="soft") for note in report.notes)


def _access(report: AccessReport) -> Iterator[ET.Element]:
    """Makes the filter, the matrix, and the list of what each policy says."""
    readers = {row.principal for row in report.rows if row.declared}
    columns = sorted({row.principal for row in report.rows}, key=lambda p: (p not in readers, p))
    places: dict[tuple[str, str], list[Access]] = {}
    for row in report.rows:
        places.setdefault((row.secret, row.region), []).append(row)
    yield _el("h2", "Who can read and write what")
    yield _filter(columns, dict.fromkeys(region for _, region in places))
    head = (
        _column(principal.account, _el("small", principal.role), data_column=_key(principal))
        for principal in columns
    )
    body = (_matrix_row(place, rows, columns) for place, rows in places.items())
    titles = (_column("Secret"), _column("Region"), *head)
    yield _table("Who can read and write what", titles, body)
    yield _el(
        "details",
        _el("summary", "Result of each of the three policies"),
        _policy_verdicts_table(report.rows),
    )


def _key(principal: Principal) -> str:
    """Names a principal's account in attributes: by its id, or by a phrase without spaces."""
    return principal.caller.account or principal.account.replace(" ", "-")


def _filter(columns: Iterable[Principal], regions: Iterable[str]) -> ET.Element:
    accounts = {_key(p): p.account for p in columns}
    return _el(
        "form",
        _el("label", "Secret", _el("input", name="secret", type="search")),
        _el("label", "Account", _select("account", accounts)),
        _el("label", "Region", _select("region", {region: region for region in regions})),
        _el("output", name="shown"),
        id="filter",
        aria_label="Filter",
        hidden="hidden",
    )


def _select(name: str, options: Mapping[str, str]) -> ET.Element:
    items = (_el("option", text, value=value) for value, text in options.items())
    return _el("select", _el("option", "all", value=""), *items, name=name)


def _matrix_row(
    place: tuple[str, str], rows: Iterable[Access], columns: Iterable[Principal]
) -> ET.Element:
    by_principal = {row.principal: row for row in rows}
    cells = (_matrix_cell(by_principal.get(principal), principal) for principal in columns)
    secret, region = place
    return _el(
        "tr",
        _row(_el("code", secret)),
        _el("td", region, class_="region"),
        *cells,
        data_secret=secret,
        data_region=region,
        data_accounts=" ".join(sorted({_key(principal) for principal in by_principal})),
        data_main="",
    )


def _matrix_cell(row: Access | None, principal: Principal) -> ET.Element:
    column = _key(principal)
    if row is None:
        return _el("td", data_column=column)
    reasons = [
        f"{name.replace('_', ' ')}: {verdict.reason}"
        for name, verdict in row.shown.by_policy.items()
    ]
    answers = [_answer(row.read.answer)]
    if _writes(row):
        answers.append(_el("small", "writes: ", _answer(row.write.answer)))
    return _el("td", *answers, data_column=column, title="; ".join(reasons))


def _writes(row: Access) -> bool:
    """Returns whether it is worth saying if a principal writes: of writers, and of surprises."""
    return row.write.declared or row.write.answer is Answer.YES


def _answer(answer: Answer) -> ET.Element:
    return _el("span", answer.value, class_=answer.value)


def _policy_verdicts_table(rows: Iterable[Access]) -> ET.Element:
    header = (
        "Secret",
        "Region",
        "Account",
        "Role",
        "Does",
        "Identity policy",
        "Resource policy",
        "Key policy",
    )
    body = (
        _el(
            "tr",
            _row(_el("code", row.secret)),
            _el("td", row.region, class_="region"),
            _el("td", row.principal.account),
            _el("td", row.principal.role),
            _el("td", does),
            *(_el("td", _answer(v.answer), v.reason) for v in verdict.by_policy.values()),
            data_secret=row.secret,
            data_region=row.region,
            data_accounts=_key(row.principal),
        )
        for row in rows
        for does, verdict in _explained(row)
    )
    return _table("Result of each of the three policies", map(_column, header), body)


def _explained(row: Access) -> Iterator[tuple[str, Verdict]]:
    """Yields what a principal does, of what is worth explaining, and what is said to it."""
    if row.read.declared or not _writes(row):
        yield "reads", row.read
    if _writes(row):
        yield "writes", row.write


def _cost(estimated: Estimate) -> Iterator[ET.Element]:
    currency = estimated.prices.currency
    header = (
        _column("Item"),
        _column("Quantity", class_="number"),
        _column("Price", class_="number"),
        _column("Per"),
        _column(f"{currency} a month", class_="number"),
        _column("Decided by"),
    )
    rows = dict(zip(estimated.lines, estimate_rows(estimated), strict=True))
    body: list[ET.Element] = []
    for section in estimated.sections:
        body += [_cost_row(line, row) for line, row in rows.items() if line.section is section]
        body.append(_sum(section, span(estimated.total(section))))
    body.append(_sum("Total", span(estimated.total())))
    yield _el("h2", "What it costs")
    yield _table("What it costs", header, body)
    for note in estimated.notes:
        yield _el("p", note, class_="soft")
    yield _el("p", f"Prices: {estimated.prices.valid_for}.", class_="soft")
    used = {line.price for line in estimated.lines}
    prices = (price for name, price in estimated.prices.prices.items() if name in used)
    sources = dict.fromkeys(f"{price.source} ({price.date or 'no date'})" for price in prices)
    yield _el("ul", *(_el("li", source) for source in sources), class_="soft")


def _cost_row(line: Line, row: tuple[str, str, str, str, str]) -> ET.Element:
    item, quantity, price, per, cost = row
    return _el(
        "tr",
        _row(item),
        _el("td", quantity, class_="number"),
        _el("td", price, class_="number"),
        _el("td", per),
        _el("td", cost, class_="number"),
        _el("td", line.note, class_="soft"),
    )


def _sum(title: str, amount: str) -> ET.Element:
    cells = (_row(title), _el("td"), _el("td"), _el("td"))
    return _el("tr", *cells, _el("td", amount, class_="number"), _el("td"), class_="sum")


def _column(*children: Child, **attributes: str) -> ET.Element:
    return _el("th", *children, scope="col", **attributes)


def _row(*children: Child) -> ET.Element:
    return _el("th", *children, scope="row")


def _table(title: str, head: Iterable[ET.Element], rows: Iterable[ET.Element]) -> ET.Element:
    """Makes a table that can be scrolled, also with the keyboard."""
    return _el(
        "div",
        _el("table", _el("thead", _el("tr", *head)), _el("tbody", *rows), aria_label=title),
        class_="scroll table",
        role="region",
        aria_label=title,
        tabindex="0",
    )
