"""No field of the model is left out of `show` and `diff`."""

from secretgen.change.differ import changes_between
from secretgen.insight.show import settings_of
from secretgen.model.environment import Environment
from secretgen.spec.schema import Spec
from tests.model.fields import every_field, every_spec, mutations

# Names by which `show` looks up what the spec says: they are the paths of what it shows.
NAMES = {"Account.name", "Field.name", "Key.name", "Secret.name", "ServiceSecret.name"}
# Made of the grants of a key while a policy is rendered.
DERIVED = {"GrantGroup.roles", "GrantGroup.secrets"}
# Follow from the readers, writers and replicas of secrets, which are shown.
FROM_SECRETS = {
    "KeyGrant.role_arn",
    "KeyGrant.secrets",
    "RegionalKey.grants",
    "RegionalKey.write_grants",
    "SecretInRegion.region",
}


def shown(spec: Spec, environment: Environment) -> list[tuple[object, ...]]:
    """What `show` shows of an environment and of each of its secrets."""
    settings = [settings_of(spec, environment)]
    settings += [settings_of(spec, environment, secret.name) for secret in environment.secrets]
    return [(s.path, s.value) for found in settings for s in found.settings]


def test_a_field_that_changes_is_shown() -> None:
    seen: set[str] = set()
    for loaded in every_spec():
        spec, environment = loaded.parts
        before = shown(spec, environment)
        for name, other in mutations(environment, NAMES):
            if name not in seen and shown(spec, other) != before:
                seen.add(name)
    assert every_field() - seen == NAMES | DERIVED | FROM_SECRETS


def test_a_field_that_changes_is_a_change() -> None:
    seen: set[str] = set()
    for loaded in every_spec():
        _, environment = loaded.parts
        for name, other in mutations(environment):
            if name not in seen and changes_between(environment, other):
                seen.add(name)
    assert every_field() - seen == DERIVED
