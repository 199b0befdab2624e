"""Here the functions themselves are tested, with nothing remembered."""

from collections.abc import Iterator

import pytest

from tests.remembered import nothing_remembered


@pytest.fixture(autouse=True, scope="module")
def _nothing_remembered() -> Iterator[None]:
    with nothing_remembered():
        yield
