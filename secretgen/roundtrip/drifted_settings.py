"""What drifted in the HCL of a folder, in the words of the spec as far as it has any."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from secretgen.diagnostics import Span
from secretgen.model.compare import BLOCK, Code, Difference, Path
from secretgen.model.environment import Environment
from secretgen.readback.block_fields import Notes
from secretgen.readback.read_values import HIDDEN
from secretgen.readback.structure import Node, Nodes, Pair, pairs
from secretgen.report.drift_report import Change

_WITH_ARGUMENTS = ("accounts", "keys", "secrets", "service_secrets")
"""Parts of an environment whose arguments are told as theirs even if no spec speaks of them."""


_SPOKEN_OF = set(Environment.__struct_fields__)
"""Parts of an environment; what is at the address of a block is told by the HCL itself."""


class Meaning(Struct, frozen=True):
    """What the HCL of an environment means.

    Args:
        rendered: notes from reading it as rendered.
        committed: notes from reading it as committed.
        differences: what the committed environment says otherwise than the spec.
        spec_place: finds where the spec has what an attribute is.
    """

    rendered: Notes
    committed: Notes
    differences: Iterable[Difference]
    spec_place: Callable[[Path], Span | None]


NO_MEANING = Meaning(Notes(), Notes(), (), lambda _: None)
"""For HCL that is the same for all environments."""


class Located(Struct, frozen=True):
    """A change, and the file it is in."""

    file: str
    change: Change


def changes(rendered: Nodes, committed: Nodes, meaning: Meaning) -> list[Located]:
    """Returns what a folder says otherwise than it should.

    The HCL decides what differs and where; the environment, in which words it is told.

    Args:
        rendered: what it should say.
        committed: what it says.
        meaning: what that means.

    Returns:
        One change an attribute and file, in the order of the blocks. Empty if and only if the
        two say the same.
    """
    interpreter = _Interpreter(rendered, committed, meaning)
    told: dict[tuple[str, Path], Located] = {}
    for pair in pairs(rendered, committed):
        for located in interpreter.changes(pair):
            known = told.setdefault((located.file, located.change.difference.path), located)
            if known.change.line is None:
                told[located.file, located.change.difference.path] = located
    return list(told.values())


class _Interpreter:
    """Returns differences of HCL in the words of an environment."""

    def __init__(self, rendered: Nodes, committed: Nodes, meaning: Meaning) -> None:
        self._rendered = rendered
        self._committed = committed
        self._meaning = meaning
        self._by_path: dict[Path, list[Difference]] = defaultdict(list)
        self._below: dict[Path, list[Difference]] = defaultdict(list)
        self._by_place: dict[tuple[int, Span], list[Difference]] = defaultdict(list)
        for difference in meaning.differences:
            path = difference.path
            if path[0] not in _SPOKEN_OF:
                continue
            self._by_path[path].append(difference)
            for length in range(1, len(path)):
                self._below[path[:length]].append(difference)
            for side, notes in enumerate((meaning.rendered, meaning.committed)):
                if path in notes.places:
                    self._by_place[side, notes.places[path]].append(difference)

    def changes(self, pair: Pair) -> Iterator[Located]:
        """Yields the changes behind one difference of the HCL."""
        in_words = self._in_words(pair)
        if in_words:
            yield from (self._located(d, pair, derived=False) for d in in_words)
            return
        difference = self._in_code(pair)
        derived = difference.path not in self._paths_of(pair.expected, pair.found)
        yield self._located(difference, pair, derived=derived)

    def _in_words(self, pair: Pair) -> list[Difference]:
        """Finds the differences of the environment that come of a difference of the HCL."""
        found: list[Difference] = []
        for side, node in enumerate((pair.expected, pair.found)):
            found += self._by_place[side, node.span] if node else []
        for meant in self._paths_of(pair.expected, pair.found):
            found += [*self._by_path[meant], *self._below[meant]]
            for length in range(1, len(meant)):
                found += self._by_path[meant[:length]]
        is_block = len(pair.path) == 1
        return [d for d in found if is_block or not _is_whole(d.path)]

    def _in_code(self, pair: Pair) -> Difference:
        """Returns a difference of which no spec speaks, or not by itself."""
        path = pair.path
        expected = pair.expected.data if pair.expected else None
        found = pair.found.data if pair.found else None
        for length in range(len(path), 0, -1):
            around = path[:length]
            meant = self._paths_of(self._rendered.get(around), self._committed.get(around))
            kinds = _SPOKEN_OF if length == len(path) else _WITH_ARGUMENTS
            if meant and meant[0][0] in kinds:
                return Difference((*meant[0], *path[length:]), expected, found)
        return Difference((".".join(path),), expected, found)

    def _paths_of(self, rendered: Node | None, committed: Node | None) -> list[Path]:
        """Returns what of the environment stands at a place."""
        sides = ((rendered, self._meaning.rendered), (committed, self._meaning.committed))
        paths = (notes.paths.get(node.span) for node, notes in sides if node)
        return [path for path in paths if path]

    def _located(self, difference: Difference, pair: Pair, *, derived: bool) -> Located:
        around = (self._committed.get(pair.path[:n]) for n in range(len(pair.path), 0, -1))
        committed = next((node for node in around if node), None)
        span = committed.span_beside(pair.expected) if committed else None
        change = Change(
            _without_values(difference),
            line=span.line if span else None,
            spec=self._meaning.spec_place(difference.path),
            derived=derived,
        )
        place = span or (pair.expected.span if pair.expected else Span(""))
        return Located(place.file, change)


def _is_whole(path: Path) -> bool:
    """Returns whether a path is that of a whole account, key or secret."""
    return len(path) == 2 and path[0] in _WITH_ARGUMENTS  # noqa: PLR2004 -- kind and name


def _without_values(difference: Difference) -> Difference:
    """Hides what stands where a value of a secret may stand, and the spec has no word for it."""
    is_value = difference.path[0] == "secrets" and difference.path[2:3] == ("value",)
    is_harmless = difference.found in (None, BLOCK, difference.path[-1])
    if is_value and not is_harmless and isinstance(difference.expected, Code | None):
        return replace(difference, found=HIDDEN)
    return difference
