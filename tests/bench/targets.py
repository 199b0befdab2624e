"""What a run must reach, as ratios of figures of the same run."""

from __future__ import annotations

from dataclasses import dataclass

from tests.bench.commands import (
    BARE,
    CHANGE,
    CHECK,
    FEW,
    LIBRARIES,
    OWN_IMPORTS,
    RENDER,
    VERSION,
)
from tests.bench.measure import Cost
from tests.bench.peers.run import PEERS
from tests.bench.results import Results, Row

MANY, MORE = 1_000, 10_000
_PARSER = PEERS[0].title


@dataclass(frozen=True)
class Target:
    """A figure that must not be larger than another, so many times over."""

    title: str
    limit: float
    reached: float | None
    unit: str = " x"

    @property
    def verdict(self) -> str:
        """Says whether it is reached."""
        if self.reached is None:
            return "not measured"
        return "yes" if self.reached <= self.limit else "no"


def targets(results: Results) -> list[Target]:
    """Compares what was measured with what must be reached."""

    def ratio(part: Cost | None, whole: Cost | None) -> float | None:
        return part.cpu / whole.cpu if part and whole else None

    def own(size: int, title: str) -> Cost | None:
        return _cost(results.own, size, title)

    parser = _cost(results.peers, MANY, _PARSER)
    imports = _cost(results.start, 0, OWN_IMPORTS)
    bare, version = (_cost(results.start, 0, title) for title in (BARE, VERSION))
    named = f"{MANY:,} secrets, {{}}, to python-hcl2 parsing the same files"
    limits = ((RENDER, 0.7), (CHANGE, 0.5), (CHECK, 0.25))
    found = [
        Target(named.format(title), limit, ratio(own(MANY, title), parser))
        for title, limit in limits
    ]
    for title, _ in limits:
        growth = ratio(own(MORE, title), own(MANY, title))
        found.append(Target(f"{MORE:,} secrets, {title}, to {MANY:,}", 11, growth))
    largest = [cost.memory for title, _ in limits if (cost := own(MORE, title))]
    peak = max(largest, default=None)
    found.append(Target(f"{MORE:,} secrets, memory", 1_000, peak, " MB"))
    found += [
        Target(f"{FEW} secrets, {title}, to its imports", 1.2, ratio(own(FEW, title), imports))
        for title, _ in limits
    ]
    libraries = ratio(own(FEW, CHECK), own(FEW, LIBRARIES))
    found.append(Target(f"{FEW} secrets, {CHECK}, to `{LIBRARIES}`", 2, libraries))
    found.append(Target(f"{VERSION} to bare Python", 2, ratio(version, bare)))
    return found


def _cost(rows: list[Row], secrets: int, title: str) -> Cost | None:
    found = (row.cost for row in rows if (row.secrets, row.title) == (secrets, title))
    return next(found, None)
