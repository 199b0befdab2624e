"""Cases of rules, in files of YAML: by rule, cases with a `name` and what they are about."""

from pathlib import Path
from typing import Any

import pytest
import yaml


def cases_in(folder: Path) -> list[Any]:
    """Reads all files of a folder.

    Returns:
        Parameters of a test: the rule, and the case.
    """
    return [
        pytest.param(rule, case, id=f"{rule}-{case['name']}")
        for file in sorted(folder.glob("*.yaml"))
        for rule, cases in yaml.load(file.read_bytes(), Loader=yaml.CSafeLoader).items()
        for case in cases
    ]
