"""Parsing HCL once, however often it is read in a run."""

from __future__ import annotations

from secretgen.hcl.decode import parse
from secretgen.hcl.hcl_nodes import Body


class Parser:
    """Parses HCL, and remembers what it has parsed: committed and rendered files are much alike."""

    def __init__(self) -> None:
        self._parsed: dict[tuple[str, str], Body] = {}

    def parse(self, text: str, file: str) -> Body:
        """Parses HCL.

        Args:
            text: the HCL.
            file: name of the file, for places.

        Raises:
            HclSyntaxError: it is none.
        """
        known = (file, text)
        if known not in self._parsed:
            self._parsed[known] = parse(text, file)
        return self._parsed[known]
