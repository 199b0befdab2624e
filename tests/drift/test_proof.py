"""Nothing is written that does not say what its spec says."""

import re
from pathlib import Path

import pytest

from secretgen.cli import run
from secretgen.errors import RoundTripError
from secretgen.hcl.tokens import HclSyntaxError
from secretgen.model.layout import DEFAULT_LAYOUT
from secretgen.readback.read_environment import read_environment
from secretgen.roundtrip.proof import Proof, Scope, prove
from secretgen.tree import Generated, compare
from secretgen.usecases import checking, rendering
from tests.drift.mutations import mutations
from tests.drift.trees import PRODUCTION, RICH, Tree, tree
from tests.rendered import write_spec

SAME_EVERYWHERE = re.compile(r"(.*/)?(bootstrap/.*|monitoring\.tf|cloudtrail\.tf|versions\.tf)")
"""Files in which next to nothing comes from the spec."""

SAYS_NOTHING = {
    ("output", "description"),
    ("resource", "description"),
    ("variable", "description"),
    ("resource", "name"),  # of a policy: names nothing that anybody refers to
}
"""Arguments of which no spec says anything, by the type of their block."""


@pytest.mark.parametrize("spec", [PRODUCTION, RICH], ids=lambda spec: spec.stem)
def test_every_argument_from_the_spec_is_verified(spec: Path) -> None:
    rendered = tree(spec)
    environment = rendered.spec.parts[1]
    (folder,) = rendered.proof.readings
    right = rendered.bodies
    unproven = set()
    for path in (path for path in right if not SAME_EVERYWHERE.fullmatch(path)):
        for mutation in mutations(rendered.text(folder + path)):
            try:
                wrong = rendered.proof.parse(mutation.text, path)
            except HclSyntaxError:
                continue
            reading = read_environment(environment.name, {**right, path: wrong})
            if not reading.differences(environment):
                unproven.add((mutation.path[0].split(".")[0], mutation.path[-1]))
    assert unproven <= SAYS_NOTHING


def proof_of(rendered: Tree, path: str, old: str, new: str, scope: Scope) -> Proof:
    text = rendered.rendered[path].body
    assert old in text
    wrong = rendered.otherwise({path: text.replace(old, new, 1)})
    return prove([rendered.spec], compare(wrong, rendered.files), DEFAULT_LAYOUT, scope=scope)


SECRETS = "environments/production/secrets.tf"
KEYS = "environments/production/keys.tf"
OAUTH = "prod/app/oauth-client-secret"


@pytest.mark.parametrize("scope", Scope)
@pytest.mark.parametrize(
    ("path", "old", "new", "told"),
    [
        (SECRETS, "automatically_after_days = 30", "automatically_after_days = 31",
         "prod/database/master-password: rotation.every_days is 31, the spec has 30"),
        (SECRETS, 'duration                 = "3h"', "duration = null",
         'rotation.duration is null, the spec has "3h"'),
        (SECRETS, '    duration                 = "3h"\n', "",
         'rotation.duration is missing, the spec has "3h"'),
        (SECRETS, "  tags = {\n", "  extra = 1\n  tags = {\n",
         "prod/database/master-password: extra is 1, which is not in the spec"),
        (SECRETS, 'aws-secrets/static"', 'aws-secrets/unprotected/static"',
         f"{OAUTH}: deletion_protection is false, the spec has true"),
        (SECRETS, "module.key__prod__app__oauth_client_secret.arn",
         "module.key__prod__service__api_gateway_key.arn",
         f"{OAUTH}: kms_key is module.key__prod__service__api_gateway_key.arn, the spec"),
        (KEYS, "aws = aws.us_west_2", "aws = aws.us_east_1",
         "keys.database.regions.us-west-2.providers is {aws: aws.us_east_1}"),
        ("environments/production/variables.tf", "sensitive   = true", "sensitive   = false",
         f"{OAUTH}: value.sensitive is false, the spec has true"),
        ("environments/production/outputs.tf", "secret__prod__app__oauth_client_secret.arn",
         "secret__prod__app__oauth_client_secret.value", "output.secret_arns.value is"),
        ("environments/production/secrets.tf", 'module "secret__prod__app',
         'resource "x" "y" {\n}\n\nmodule "secret__prod__app',
         "resource.x.y is not in the spec"),
    ],
)  # fmt: skip
def test_a_wrong_render_is_refused(path: str, old: str, new: str, told: str, scope: Scope) -> None:
    with pytest.raises(RoundTripError, match=re.escape(told)) as error:
        proof_of(tree(PRODUCTION), path, old, new, scope)
    assert "does not match specs/production.yaml" in error.value.summary


@pytest.mark.parametrize("scope", Scope)
@pytest.mark.parametrize("path", [SECRETS, "modules/aws-secrets/main.tf"])
def test_invalid_rendered_hcl_is_refused(path: str, scope: Scope) -> None:
    with pytest.raises(RoundTripError, match=re.escape(f"invalid rendered HCL: {path}:5:3")):
        proof_of(tree(PRODUCTION), path, "\n  ", "\n  = ", scope)


def test_a_wrong_render_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    render_tree = rendering.render_tree

    def wrong(config: object, specs: object, *_: object) -> dict[str, Generated]:
        rendered = render_tree(config, specs)  # type: ignore[arg-type]
        body = rendered[SECRETS].body.replace('"3h"', '"4h"')
        return {**rendered, SECRETS: Generated(body, rendered[SECRETS].origin)}

    write_spec(tmp_path, PRODUCTION.read_text(encoding="utf-8"))
    for command, use_case in (("render", rendering), ("check", checking)):
        monkeypatch.setattr(use_case, "render_tree", wrong)
        assert run([command, "--root", str(tmp_path)]) == 70
        assert 'rotation.duration is "4h", the spec has "3h"' in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["specs"]
