"""Regular expressions for ranges of numbers: JSON Schema bounds numbers, but not their digits."""

from __future__ import annotations


def digits_between(low: int, high: int) -> str:
    """Returns a regular expression for the decimal numbers of a range.

    Args:
        low: the least, not negative.
        high: the greatest, not less than `low`.
    """
    alternatives: list[str] = []
    while low <= high:
        step = 1
        # The largest block low … low + step - 1 in which the last digits take all values.
        while low % (step * 10) == 0 and low and low + step * 10 - 1 <= high:
            step *= 10
        head, digit = divmod(low // step, 10)
        last = min(9, high // step - head * 10 - (high % step != step - 1))
        wild = len(str(step)) - 1
        digits = str(digit) if last == digit else f"[{digit}-{last}]"
        alternatives.append(f"{head or ''}{digits}" + "[0-9]" * wild)
        low = (head * 10 + last + 1) * step
    return "|".join(alternatives)
