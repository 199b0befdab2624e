"""The specs of this repository share a part, and say the same as specs without parts."""

from secretgen.spec.load import load_spec
from secretgen.spec.parts import Library
from tests.rendered import PRODUCTION, PROJECT

LIBRARY = Library(lambda file: (PROJECT / file).read_bytes())


def test_production_with_its_part_is_the_reference_as_one_file() -> None:
    whole = load_spec(PRODUCTION.read_bytes(), "specs/production.yaml")
    data = (PROJECT / "specs/production.yaml").read_bytes()
    cut = load_spec(data, "specs/production.yaml", LIBRARY)
    assert (cut.diagnostics, whole.diagnostics) == ([], [])
    assert list(cut.part_texts) == ["parts/application.yaml"]
    assert cut.environment == whole.environment


def test_staging_shares_the_part() -> None:
    data = (PROJECT / "specs/staging.yaml").read_bytes()
    staging = load_spec(data, "specs/staging.yaml", LIBRARY)
    assert list(staging.part_texts) == ["parts/application.yaml"]
    assert staging.environment is not None
    assert "staging/app/oauth-client-secret" in {s.name for s in staging.environment.secrets}
