"""The README of a reader's account: whole, readable, and with commands that work."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from secretgen.spec.load import load_spec
from tests.commands import assert_names_exist, assert_sensible, blocks, words
from tests.rendered import PRODUCTION, SPECS, render

SPECS_WITH_READERS = {
    "production": PRODUCTION,
    "roles": SPECS / "roles.yaml",
    "sharing": SPECS / "sharing.yaml",
}


@pytest.fixture(scope="module", params=SPECS_WITH_READERS)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    text = SPECS_WITH_READERS[request.param].read_text("utf-8")
    return render(tmp_path_factory.mktemp("project"), text)


def documents(folder: Path) -> dict[str, str]:
    return {p.parent.name: p.read_text("utf-8") for p in folder.glob("consumers/*/README.md")}


def test_every_account_that_reads_has_one(folder: Path) -> None:
    spec = load_spec((folder.parents[1] / "specs/production.yaml").read_bytes(), "spec").spec
    assert spec
    assert documents(folder).keys() == {
        role.account
        for secret in spec.secrets.values()
        for role in (*secret.readers, *secret.writers)
    }


def test_commands_make_sense(folder: Path) -> None:
    for account, document in documents(folder).items():
        assert_names_exist(document, folder / "consumers" / account)
        found = blocks(document)
        assert found
        for block in found:
            assert_sensible(block)


def test_the_smoke_test_reads_each_secret_in_each_region(folder: Path) -> None:
    spec = load_spec((folder.parents[1] / "specs/production.yaml").read_bytes(), "spec").spec
    assert spec
    for account, document in documents(folder).items():
        wanted = [
            f"arn:aws:secretsmanager:{region}:{spec.aws.account_id}:secret:{name}"
            for name, secret in spec.secrets.items()
            for reader in secret.readers
            if reader.account == account
            for region in [spec.aws.region, *(r.region for r in secret.replicas)]
        ]
        read = []
        for block in blocks(document, "Smoke test"):
            who, *commands = words(block)
            assert who[:3] == ["aws", "sts", "get-caller-identity"]
            for command in commands:
                options = dict(pairwise(command))
                (arn,) = (w.partition("=")[2] for w in command if w.startswith("--secret-id="))
                looks_complete = re.search(r"-[A-Za-z0-9]{6}(-\$\{SUFFIX|$)", arn)
                assert ("SUFFIX" in arn) == bool(looks_complete)
                read.append(arn.split("-${SUFFIX")[0])
                assert options["--region"] == arn.split(":")[3]
                assert options["--query"] == "VersionId"
        assert sorted(read) == sorted(wanted)


def test_pages_are_well_formed(folder: Path) -> None:
    parser = MarkdownIt("commonmark").enable("table")
    for document in documents(folder).values():
        assert "\n\n\n" not in document
        assert not re.search(r"[ \t]+$", document, re.MULTILINE)
        tables = [t for t in parser.parse(document) if t.type == "table_open"]
        assert len(tables) == len(re.findall(r"^\| --- ", document, re.MULTILINE))
        assert not re.search(r"^\|(?!.*\|$)", document, re.MULTILINE)


def test_opt_in_regions_are_enabled_by_the_reader(tmp_path: Path) -> None:
    text = PRODUCTION.read_text("utf-8").replace("us-west-2", "af-south-1")
    found = documents(render(tmp_path, text))
    (enable, tokens) = blocks(found["app-primary"], "Regions to enable")
    assert enable == "aws account enable-region --region-name=af-south-1\n"
    assert "AWS_STS_REGIONAL_ENDPOINTS=regional" in tokens
    assert_sensible(enable)
    assert "Regions to enable" not in found["monitoring"]


def test_two_secrets_that_look_like_complete_arns_have_two_suffixes(tmp_path: Path) -> None:
    text = PRODUCTION.read_text("utf-8").replace("api-gateway-key", "gateway-secret")
    document = documents(render(tmp_path, text))["app-primary"]
    suffixes = re.findall(r"secret:(\S+)-\"\$\{(\w+):", document)
    assert len({name for name, _ in suffixes}) == 2
    assert len({suffix for _, suffix in suffixes}) == 2
