"""The estimate and the comparison as text and JSON."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from secretgen.insight.cost.estimate import Comparison, Estimate, Line, Range
from secretgen.insight.plain_text import printable, table, to_json

_RIGHT = frozenset({1, 2, 4})
_BELOW = frozenset({3, 5})


def money(amount: Decimal) -> str:
    """Writes an amount in whole cents: `1,234.50`."""
    return f"{amount.quantize(Decimal('0.01'), ROUND_HALF_UP):,}"


def span(amount: Range | Line) -> str:
    """Writes an amount that use decides: `7.00 to 17.00`."""
    low, high = money(amount.low), money(amount.high)
    return low if low == high else f"{low} to {high}"


def signed(amount: Range) -> str:
    """Writes a difference with its sign."""
    low, high = (f"{'+' if x > 0 else ''}{money(x)}" for x in (amount.low, amount.high))
    return low if low == high else f"{low} to {high}"


def estimate_rows(estimated: Estimate) -> list[tuple[str, str, str, str, str]]:
    """Makes the rows of a table: item, quantity, price, what the price is for, monthly cost."""
    return [
        (
            line.item,
            f"{line.quantity:,}",
            str(price.amount),
            price.per,
            span(line),
        )
        for line in estimated.lines
        for price in [estimated.prices.prices[line.price]]
    ]


def estimate_text(estimated: Estimate, width: int | None = None) -> str:
    """Writes the estimate as a table with subtotals, then what is not in it and the sources."""
    rows: list[tuple[str, ...]] = []
    by_item = dict(zip(estimated.lines, estimate_rows(estimated), strict=True))
    for section in estimated.sections:
        rows += [
            ("  " + row[0], *row[1:], line.note)
            for line, row in by_item.items()
            if line.section is section
        ]
        rows.append((section, "", "", "", span(estimated.total(section)), ""))
    rows.append(("Total", "", "", "", span(estimated.total()), ""))
    header = ("item", "quantity", "price", "per", f"{estimated.prices.currency} a month", "")
    notes = "".join(f"{printable(note)}\n" for note in estimated.notes)
    lines = table(header, rows, right=_RIGHT, below=_BELOW, width=width)
    return lines + f"\n{notes}\n{_sources_text(estimated)}"


def _sources_text(estimated: Estimate) -> str:
    used = {line.price for line in estimated.lines}
    prices = [p for name, p in estimated.prices.prices.items() if name in used]
    sources = dict.fromkeys((p.source, p.date) for p in prices)
    lines = [
        f"  {printable(source)} ({printable(date) or 'no date'})\n" for source, date in sources
    ]
    return f"Prices: {printable(estimated.prices.valid_for)}\n{''.join(lines)}"


def estimate_data(estimated: Estimate) -> dict[str, Any]:
    """Makes the data of the estimate, for JSON and for templates; amounts are texts in cents."""
    return {
        "environment": estimated.environment,
        "currency": estimated.prices.currency,
        "lines": [
            {
                "section": line.section.value,
                "item": line.item,
                "quantity": line.quantity,
                "price": str(price.amount),
                "per": price.per,
                "low": money(line.low),
                "high": money(line.high),
                "note": line.note,
                "price_date": price.date,
                "price_source": price.source,
            }
            for line in estimated.lines
            for price in [estimated.prices.prices[line.price]]
        ],
        "subtotals": {
            section.value: _range_data(estimated.total(section)) for section in estimated.sections
        },
        "total": _range_data(estimated.total()),
        "notes": list(estimated.notes),
    }


def _range_data(amount: Range) -> dict[str, str]:
    return {"low": money(amount.low), "high": money(amount.high)}


def estimate_json(estimated: Estimate) -> str:
    """Writes the estimate as JSON."""
    return to_json(estimate_data(estimated))


def comparison_text(comparison: Comparison, width: int | None = None) -> str:
    """Writes what changes, and by how much."""
    if not comparison.changes:
        return f"No change: {span(comparison.after.total())} a month.\n"
    rows = [
        (
            change.item,
            _quantities(change.before, change.after),
            signed(change.difference),
        )
        for change in comparison.changes
    ]
    before, after = comparison.before.total(), comparison.after.total()
    rows.append(("Total", f"{span(before)} -> {span(after)}", signed(comparison.difference)))
    currency = comparison.after.prices.currency
    header = ("item", "before -> after", f"{currency} a month")
    return table(header, rows, right=frozenset({2}), below=frozenset({1}), width=width)


def _quantities(before: Line | None, after: Line | None) -> str:
    return " -> ".join(f"{line.quantity:,}" if line else "0" for line in (before, after))


def comparison_json(comparison: Comparison) -> str:
    """Writes the comparison as JSON; both estimates are part of it."""
    return to_json({
        **comparison_data(comparison),
        "before": estimate_data(comparison.before),
        "after": estimate_data(comparison.after),
    })  # fmt: skip


def comparison_data(comparison: Comparison) -> dict[str, Any]:
    """Makes the data of what changes, for JSON; amounts are texts in cents."""
    return {
        "difference": _range_data(comparison.difference),
        "changes": [
            {
                "section": change.section.value,
                "item": change.item,
                "quantity_before": change.before.quantity if change.before else 0,
                "quantity_after": change.after.quantity if change.after else 0,
                "difference": _range_data(change.difference),
            }
            for change in comparison.changes
        ],
    }
