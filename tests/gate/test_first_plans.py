"""The model says each attribute of each resource that a first plan holds, in every root module."""

import json

import pytest

from tests.planned.compare import changes_of, compare
from tests.planned.environment import roots

# The other tests of the first plans, which come later, find them made.
pytestmark = [pytest.mark.terraform, pytest.mark.slow(seconds=15)]


def test_a_first_plan_is_what_the_model_says(first_plans, rendered):
    expected = {
        folder: resources
        for environment, _ in rendered.values()
        for folder, resources in roots(environment).items()
    }
    assert first_plans.keys() == expected.keys()
    different = [
        f"{folder} {difference}"
        for folder, resources in expected.items()
        for difference in compare(resources, changes_of(json.loads(first_plans[folder])))
    ]
    assert different == []
