"""The price table, a data file with date and source of each price, and a user's changes to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from importlib import resources
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from secretgen.errors import UsageError
from secretgen.spec.suggest import shown

_FILE = "prices.json"
_MOST = 10**9


class Price(Struct, frozen=True):
    """One price.

    Args:
        amount: in the currency of the table, for one month.
        per: what it is for: `secret`, `10,000 calls`.
        date: when it was read: a day, or a month.
        source: where.
    """

    amount: Decimal
    per: str
    date: str
    source: str


class PriceTable(Struct, frozen=True):
    """All prices, and what is assumed of the use that decides about the rest.

    Args:
        currency: such as `USD`.
        valid_for: where and to whom these prices apply.
        prices: by name.
        calls_per_secret: API calls a month, at most, for each secret and each replica.
        emails: e-mails a month, at most.
    """

    currency: str
    valid_for: str
    prices: Mapping[str, Price]
    calls_per_secret: int
    emails: int


def default_prices() -> PriceTable:
    """Reads the price table that comes with the program."""
    file = resources.files(__package__) / _FILE
    data = json.loads(file.read_text(encoding="utf-8"))
    return PriceTable(
        currency=data["currency"],
        valid_for=data["valid_for"],
        prices={
            name: Price(Decimal(p["amount"]), p["per"], p["date"], p["source"])
            for name, p in data["prices"].items()
        },
        calls_per_secret=data["assumptions"]["calls_per_secret"],
        emails=data["assumptions"]["emails"],
    )


def with_changes(table: PriceTable, text: str, title: str) -> PriceTable:
    """Takes prices and assumptions from a user's file, which has the form of the table's own.

    Args:
        table: where everything comes from that the file leaves out.
        text: JSON.
        title: name of the file, for messages and as the source of its prices.

    Raises:
        UsageError: the file is not JSON of that form, or names a price that does not exist.
    """
    try:
        data = json.loads(text, parse_float=str, parse_int=str)
    except (ValueError, RecursionError) as error:
        raise _wrong(title, "it is not JSON") from error
    data = _known(data, {"currency", "valid_for", "prices", "assumptions"}, title)
    prices = _known(data.get("prices", {}), set(table.prices), title)
    assumptions = _known(data.get("assumptions", {}), {"calls_per_secret", "emails"}, title)
    return PriceTable(
        currency=str(data.get("currency", table.currency)),
        valid_for=str(data.get("valid_for", f"prices of {title}")),
        prices={n: _changed(p, prices.get(n), title) for n, p in table.prices.items()},
        calls_per_secret=_count(assumptions, "calls_per_secret", table.calls_per_secret, title),
        emails=_count(assumptions, "emails", table.emails, title),
    )


def _changed(price: Price, change: Any, title: str) -> Price:
    if change is None:
        return price
    values = _known(change, {"amount", "per", "date", "source"}, title)
    source = str(values.get("source", title))
    given = replace(price, date=str(values.get("date", "")), source=source)
    return replace(given, amount=_amount(values.get("amount", str(price.amount)), title))


def _amount(text: Any, title: str) -> Decimal:
    try:
        amount = Decimal(text)
    except (InvalidOperation, TypeError, ValueError) as error:
        raise _wrong(title, f"{shown(str(text))} is not an amount") from error
    if not amount.is_finite() or not 0 <= amount <= _MOST:
        raise _wrong(title, f"{shown(str(text))} is not an amount")
    return amount


def _count(values: Mapping[str, Any], name: str, default: int, title: str) -> int:
    amount = _amount(values.get(name, str(default)), title)
    if amount != int(amount):
        raise _wrong(title, f"{name} is not a whole number")
    return int(amount)


def _known(data: Any, names: set[str], title: str) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise _wrong(title, "an object is expected")
    unknown = sorted(data.keys() - names)
    if unknown:
        raise _wrong(title, f"{shown(unknown[0])} is not one of {', '.join(sorted(names))}")
    return data


def _wrong(title: str, why: str) -> UsageError:
    return UsageError(
        f"the prices in {title} cannot be used: {why}",
        'Write, for example: {"prices": {"secret": {"amount": "0.36"}}}',
    )
