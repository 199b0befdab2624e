"""What a render takes for parsed before has been."""

from secretgen.render.overlay import packaged_templates
from secretgen.roundtrip.proof import SUMS
from tests.module.sums import sums


def test_the_packaged_digests_are_those_of_the_module_as_it_parses() -> None:
    written = (packaged_templates() / SUMS).read_text(encoding="utf-8")
    assert written == sums(), "run `make render`"
