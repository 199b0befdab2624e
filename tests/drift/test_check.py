"""What `check` says of a committed tree: which files drifted, and what they say otherwise."""

import json
import re
from pathlib import Path

import pytest

from secretgen.cli import run
from tests.drift.conftest import Project
from tests.drift.trees import RICH
from tests.rendered import SPECS, render, write_spec

ENVIRONMENT = "environments/production"
SECRETS = f"{ENVIRONMENT}/secrets.tf"
VARIABLES = f"{ENVIRONMENT}/variables.tf"
MODULE = "modules/aws-secrets/main.tf"
SPEC = "specs/production.yaml"
MASTER = "prod/database/master-password"
OAUTH = "prod/app/oauth-client-secret"


def inventory(root: Path) -> dict[str, tuple[int, ...]]:
    """Every file and folder, and whatever changes when one is touched."""
    found = {}
    for path in (root, *root.rglob("*")):
        stat = path.lstat()
        kept = (stat.st_ino, stat.st_mode, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
        found[str(path.relative_to(root))] = kept
    return found


@pytest.mark.parametrize("spec", [RICH, SPECS / "small.yaml"], ids=lambda spec: spec.stem)
@pytest.mark.parametrize("verify", ["changed", "all"])
def test_rendered_tree_is_in_sync(
    spec: Path, verify: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    render(tmp_path, spec.read_text(encoding="utf-8"))
    capsys.readouterr()
    assert run(["check", "--root", str(tmp_path), "--verify", verify]) == 0
    assert "error" not in capsys.readouterr().out


def test_the_secret_and_the_attribute_are_named_first(project: Project) -> None:
    project.edit(SECRETS, "automatically_after_days = 30", "automatically_after_days = 60")
    line = line_of(project, SECRETS, "automatically_after_days = 60")
    spec_line = line_of(project, SPEC, "every_days: 30")
    code, out, err = project.check()
    assert code == 3
    first, _, rest = out.partition("\n")
    assert first == (
        f"{MASTER}: rotation.every_days is 60, the spec has 30; {SECRETS}:{line};"
        f" {SPEC}:{spec_line}"
    )
    assert rest.index(f"  edited  {SECRETS}\n") < rest.index(f"--- a/{SECRETS}\n")
    assert re.search(r"^-.*= 60$", rest, re.MULTILINE)
    assert re.search(r"^\+.*= 30$", rest, re.MULTILINE)
    assert re.fullmatch(
        r"1 of \d+ files drifted\.\n  Edited by hand\. .+ --force PATH` .+\.\n", err
    )


def line_of(project: Project, path: str, text: str) -> int:
    lines = (project.root / path).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_the_diff_can_be_left_out(project: Project) -> None:
    project.edit(SECRETS, "automatically_after_days = 30", "automatically_after_days = 60")
    code, out, _ = project.check("--no-diff")
    assert code == 3
    assert "---" not in out
    assert f"edited  {SECRETS}" in out


def test_every_state_has_its_name(project: Project) -> None:
    root = project.root
    project.edit(SPEC, "every_days: 30", "every_days: 60")
    project.edit(VARIABLES, "sensitive   = true", "sensitive   = false")
    (root / ENVIRONMENT / "keys.tf").unlink()
    (root / ENVIRONMENT / "mine.tf").write_text("locals {}\n", encoding="utf-8")
    (root / "environments/other").mkdir()
    (root / "environments/other/main.tf").write_text("locals {}\n", encoding="utf-8")
    project.edit(SPEC, "readers: [app-primary, app-secondary, partner]", "readers: []")
    drift = project.drift()
    states = {path: file["state"] for path, file in drift.items()}
    assert states[SECRETS] == "stale"
    assert states[VARIABLES] == "edited"
    assert states[f"{ENVIRONMENT}/keys.tf"] == "missing"
    assert states[f"{ENVIRONMENT}/mine.tf"] == "foreign"
    assert states[f"{ENVIRONMENT}/consumers/partner/main.tf"] == "orphan"
    assert f"{ENVIRONMENT}/backend.tf" not in states
    _, out, err = project.check()
    compared = set(re.findall(r"^--- a/(.+)$", out, re.MULTILINE))
    assert compared == {path for path, state in states.items() if state in {"stale", "edited"}}
    assert len(re.findall("^  [A-Z]", err, re.MULTILINE)) == 5, "what to do about each state"
    folders = (root / "modules", root / "environments")
    on_disk = sum(file.is_file() for folder in folders for file in folder.rglob("*"))
    assert f"{len(drift)} of {on_disk + 1} files drifted.\n" in err  # one is missing
    (change,) = [c for c in drift[SECRETS]["changes"] if c["secret"] == MASTER]
    line = line_of(project, SECRETS, "automatically_after_days = 30")
    spec_line = line_of(project, SPEC, "every_days: 60")
    assert change == {
        "secret": MASTER,
        "attribute": "rotation.every_days",
        "spec": 60,
        "committed": 30,
        "line": line,
        "place": {"file": "specs/production.yaml", "line": spec_line},
    }


@pytest.mark.parametrize(
    ("path", "old", "new", "told"),
    [
        (SECRETS, 'description             = "RDS', 'description             = "My',
         f'{MASTER}: description is "My master credentials", the spec has "RDS master'),
        (SECRETS, "kms_key_id              = module.shared_key__database.arn",
         'kms_key_id              = "arn:aws:kms:us-east-1:1:key/x"',
         f'{MASTER}: kms_key is "arn:aws:kms:us-east-1:1:key/x", the spec has "database"'),
        (SECRETS, '    "arn:aws:iam::111111111111:role/secrets-reader",\n', "",
         f'{OAUTH}: readers lacks [{{account_id: "111111111111", role: "secrets-reader"}}];'),
        (SECRETS, '    duration                 = "3h"\n', "",
         f'{MASTER}: rotation.duration is missing, the spec has "3h";'),
        (SECRETS, "  tags = {\n", "  tags = {\n    More = 1\n",
         f"{MASTER}: tags.More is 1, which is not in the spec;"),
        (SECRETS, 'source = "../../modules/aws-secrets"\n',
         'source = "../../modules/aws-secrets/unmanaged-policy"\n',
         f'{MASTER}: policy is "unmanaged", the spec has "managed";'),
        (SECRETS, "  tags = {\n",
         '  writers = ["arn:aws:iam::111111111111:role/ci"]\n\n  tags = {\n',
         f"{MASTER}: writers is"),
        (SECRETS, "  tags = {\n",
         '  exclusive_except = ["arn:aws:iam::123456789012:role/ops"]\n\n  tags = {\n',
         f"{MASTER}: exclusive is"),
        (SECRETS, "  replicas = {\n", '  replicas = {\n    eu-west-1 = "x"\n',
         f"{MASTER}: replicas.eu-west-1 is not in the spec;"),
        (VARIABLES, "ephemeral   = true", "ephemeral   = false",
         f"{OAUTH}: value.ephemeral is false, the spec has true;"),
        (VARIABLES, "  default     = null\n", "",
         f"{OAUTH}: value.default is missing, expected null;"),
        (f"{ENVIRONMENT}/keys.tf", "rotation_period_in_days = 365", "rotation_period_in_days = 90",
         "keys.database.rotation_period_days is 90, the spec has 365;"),
        (f"{ENVIRONMENT}/backend.tf", '"my-company', '"our', "backend.bucket is"),
        (f"{ENVIRONMENT}/providers.tf", "  account_id = ", "  other = 1\n  account_id = ",
         "locals.other is 1, which is not in the spec"),
        (f"{ENVIRONMENT}/consumers/partner/main.tf", '"ec2.amazonaws.com"', '"*"',
         "accounts.partner.roles.secrets-reader.trust.service has"),
        (f"{ENVIRONMENT}/consumers/partner/providers.tf", '"444444444444"', '"444444444440"',
         'accounts.partner.id is "444444444440", the spec has "444444444444";'),
        (f"{ENVIRONMENT}/monitoring.tf", "threshold           = 1", "threshold = 9",
         "resource.aws_cloudwatch_metric_alarm.access_denied.threshold is 9, expected 1;"),
        (MODULE, "block_public_policy = true", "block_public_policy = false",
         "resource.aws_secretsmanager_secret_policy.this.block_public_policy is false, exp"),
        (MODULE, "  block_public_policy = true\n", "",
         "resource.aws_secretsmanager_secret_policy.this.block_public_policy is missing, exp"),
        (MODULE, 'resource "aws_secretsmanager_secret_rotation"', 'resource "aws_other"',
         "resource.aws_secretsmanager_secret_rotation.this is missing;"),
    ],
)  # fmt: skip
def test_drift_in_words(path: str, old: str, new: str, told: str, project: Project) -> None:
    project.edit(path, old, new)
    assert any(line.startswith(told) for line in project.told()), project.told()


def test_added_and_removed_secret(project: Project) -> None:
    project.edit(SPEC, "prod/app/oauth-client-secret", "prod/app/another")
    told = project.told()
    line = line_of(project, SECRETS, 'module "secret__prod__app__oauth')
    assert f"{OAUTH} is not in the spec; {SECRETS}:{line}" in told
    spec_line = line_of(project, SPEC, "prod/app/another")
    assert f"prod/app/another is missing; {SECRETS}; {SPEC}:{spec_line}" in told
    assert not [line for line in told if line.startswith(f"{MASTER}:")]


def test_renamed_block_is_reported_with_its_place(project: Project) -> None:
    project.edit(SECRETS, '"secret__prod__database', '"secret__prod__data')
    line = line_of(project, SECRETS, "secret__prod__data__")
    (told,) = project.told()
    assert told.startswith(f'{MASTER}: module is "secret__prod__data__master_password", the spec')
    assert f"; {SECRETS}:{line}; " in told


@pytest.mark.parametrize(
    ("path", "address"),
    [
        (SECRETS, "module.secret__prod__app__oauth_client_secret"),
        (VARIABLES, "variable.prod__app__oauth_client_secret"),
        (f"{ENVIRONMENT}/keys.tf", "module.key__prod__app__oauth_client_secret"),
    ],
)
def test_duplicate_block_is_reported_for_its_secret(
    path: str, address: str, project: Project
) -> None:
    text = (project.root / path).read_text(encoding="utf-8")
    head = '{} "{}" {{'.format(*address.split("."))
    block = head + text.split(head)[1].split("\n}\n")[0] + "\n}\n"
    (project.root / path).write_text(f"{text}\n{block}", encoding="utf-8")
    (change,) = project.drift()[path]["changes"]
    assert change["secret"] == OAUTH
    assert change["attribute"].endswith(f"{address}[1]")
    assert change["line"] == text.count("\n") + 2


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (SECRETS, "\nmodule", "\n# a comment\nmodule"),
        (SECRETS, "recovery_window_in_days = 30", "recovery_window_in_days=30 // days"),
        (SECRETS, '  source = "../', '\n\n  source   =  "../'),
        (f"{ENVIRONMENT}/versions.tf", "terraform {\n", "# a comment\nterraform {\n"),
        (MODULE, "  lifecycle {\n", "\n  lifecycle { # a comment\n"),
    ],
)
def test_comment_and_layout_changes_are_reported_as_such(
    path: str, old: str, new: str, project: Project
) -> None:
    project.edit(path, old, new)
    drift = project.drift()[path]
    assert (drift["changes"], drift["state"]) == ([], "edited")
    assert "only comments, layout or order" in drift["note"]
    code, out, _ = project.check()
    assert code == 3
    assert f"--- a/{path}" in out


def test_block_moved_to_another_file_is_equal(project: Project) -> None:
    text = (project.root / VARIABLES).read_text(encoding="utf-8")
    first = text.split("\n\n")[1]
    project.edit(VARIABLES, first, "")
    project.edit(SECRETS, "\nmodule", f"\n{first}\n\nmodule")
    drift = project.drift()
    assert drift.keys() == {SECRETS, VARIABLES}
    assert all("same meaning" in file["note"] for file in drift.values())


@pytest.mark.parametrize(
    ("path", "old", "new", "note"),
    [
        (SECRETS, "  name  ", "  name  = ", "does not parse: Unexpected"),
        (SECRETS, "recovery_window_in_days = 30", "name = 1", "Duplicate argument 'name'"),
        (MODULE, "lifecycle {", "lifecycle { =", "does not parse: "),
        (VARIABLES, '"prod__', '"prod__\n', "does not parse: Newline in a quoted string"),
    ],
)
def test_invalid_hcl_is_drift_with_a_place(
    path: str, old: str, new: str, note: str, project: Project
) -> None:
    project.edit(path, old, new)
    code, out, _ = project.check()
    assert code == 3
    (file,) = project.drift().values()
    assert (file["file"], file["changes"]) == (path, [])
    assert note in file["note"]
    line = line_of(project, path, new.split("\n", maxsplit=1)[0])
    assert re.search(rf"  edited  {path}:({line}|{line + 1}) \(", out), out


def test_other_files_are_compared_next_to_invalid_hcl(project: Project) -> None:
    project.edit(f"{ENVIRONMENT}/keys.tf", "module", "=")
    project.edit(SECRETS, "automatically_after_days = 30", "automatically_after_days = 60")
    (project.root / ENVIRONMENT / "providers.tf").write_bytes(b"\xff")
    drift = project.drift()
    assert [c["attribute"] for c in drift[SECRETS]["changes"]] == ["rotation.every_days"]
    assert drift[f"{ENVIRONMENT}/providers.tf"]["note"] == "is not UTF-8"


def test_findings_of_the_spec_beat_drift_and_are_reported_with_it(project: Project) -> None:
    (project.root / "specs/wrong.yaml").write_text("version: 2\n", encoding="utf-8")
    project.edit(SECRETS, "automatically_after_days = 30", "automatically_after_days = 60")
    code, out, _ = project.check("--format", "json")
    report = json.loads(out)
    assert code == 1
    assert {d["file"] for d in report["diagnostics"]} >= {"specs/wrong.yaml"}
    assert [file["file"] for file in report["drift"]] == [SECRETS]
    code, out, _ = project.check()
    assert "specs/wrong.yaml:" in out
    assert f"{MASTER}: rotation.every_days is 60" in out


def test_invalid_spec_has_no_orphans(project: Project) -> None:
    project.edit(SPEC, "version: 1", "version: 2")
    code, _, _ = project.check()
    assert code == 1
    assert project.drift() == {}


def test_files_of_specs_that_are_not_named_are_left_alone(project: Project) -> None:
    small = (SPECS / "small.yaml").read_text(encoding="utf-8")
    write_spec(project.root, small, "small")
    assert run(["render", "--root", str(project.root)]) == 0
    project.edit(SECRETS, "automatically_after_days = 30", "automatically_after_days = 60")
    assert project.check(str(project.root / "specs/small.yaml"))[0] == 0
    assert project.check(str(project.root / SPEC))[0] == 3


@pytest.mark.parametrize("verify", ["changed", "all"])
@pytest.mark.parametrize("damage", ["none", "edited", "broken", "gone"])
def test_check_changes_no_file(damage: str, verify: str, project: Project) -> None:
    if damage == "edited":
        project.edit(SECRETS, "automatically_after_days = 30", "automatically_after_days = 60")
    elif damage == "broken":
        project.edit(SECRETS, "module", "=")
    elif damage == "gone":
        (project.root / SECRETS).unlink()
    before = inventory(project.root)
    assert project.check("--verify", verify)[0] == (0 if damage == "none" else 3)
    assert inventory(project.root) == before


def test_annotations_are_at_the_place_of_the_drift(project: Project) -> None:
    project.edit(SECRETS, "automatically_after_days = 30", "automatically_after_days = 60")
    (project.root / ENVIRONMENT / "keys.tf").unlink()
    line = line_of(project, SECRETS, "automatically_after_days = 60")
    _, out, _ = project.check("--format", "github")
    change, missing = out.splitlines()
    assert change.startswith(f"::error file={SECRETS},line={line},"), "what has meaning is first"
    assert "rotation.every_days is 60, the spec has 30" in change
    assert missing.startswith(f"::error file={SPEC},line=1,"), "GitHub shows no file that is not"
    assert f"{ENVIRONMENT}/keys.tf is missing" in missing


def test_sarif_has_a_result_for_each_change(project: Project) -> None:
    project.edit(SECRETS, "automatically_after_days = 30", "automatically_after_days = 60")
    project.edit(SECRETS, 'Criticality = "high"', 'Criticality = "low"')
    _, out, _ = project.check("--format", "sarif")
    (run_of_tool,) = json.loads(out)["runs"]
    places = [
        (
            result["ruleId"],
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
            result["locations"][0]["physicalLocation"]["region"]["startLine"],
        )
        for result in run_of_tool["results"]
    ]
    lines = [line_of(project, SECRETS, text) for text in ("_days = 60", "Criticality")]
    assert places == [("drift-edited", SECRETS, line) for line in lines]
    (rule,) = run_of_tool["tool"]["driver"]["rules"]
    assert rule["shortDescription"]["text"]
