"""Terraform is asked: the same texts, the same values, the same mistakes."""

import base64
import json
import random
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from secretgen.hcl.decode import parse
from secretgen.hcl.encode import encode
from secretgen.hcl.tokens import HclSyntaxError
from tests.hcl.cases import ACCEPTED, REJECTED, STRICTER
from tests.hcl.strategies import HOSTILE, nfc
from tests.hcl.terraform import run
from tests.hcl.trees import plain

pytestmark = pytest.mark.terraform


def evaluate(expression: str, folder: Path) -> Any:
    """What an expression is to Terraform."""
    (folder / "main.tf").write_text(f"locals {{\n  x = {expression}\n}}\n", newline="")
    code, output, errors = run("console", text="base64encode(jsonencode(local.x))\n", folder=folder)
    assert code == 0, errors
    return json.loads(base64.b64decode(output.strip().strip('"')))


def adversarial_texts(count: int) -> list[str]:
    """Different texts in NFC, the same in every run."""
    chosen = random.Random(1)
    texts: dict[str, None] = dict.fromkeys(nfc(piece) for piece in HOSTILE)
    while len(texts) < count:
        pieces = chosen.choices(HOSTILE, k=chosen.randint(1, 8))
        pieces += [
            chr(chosen.choice((chosen.randrange(0xD800), chosen.randrange(0xE000, 0x110000))))
        ]
        chosen.shuffle(pieces)
        texts[nfc("".join(pieces))] = None
    return list(texts)


def test_3000_texts_arrive_unchanged(tmp_path: Path) -> None:
    texts = adversarial_texts(3000)
    source = encode({"values": texts, "keys": {text: str(i) for i, text in enumerate(texts)}})
    seen = evaluate(source, tmp_path)
    assert seen["values"] == texts
    assert seen["keys"] == {text: str(i) for i, text in enumerate(texts)}
    (local,) = parse((tmp_path / "main.tf").read_text(), "main.tf").blocks
    assert plain(local.body.attributes[0].value) == seen


def test_handwritten_literals_are_read_alike(tmp_path: Path) -> None:
    literals = [
        r'"\n\r\t\"\\\u00e9\U0001F511\u0000"',
        '"$${x} $$${x} $$$${ %%{y} %%%{y} $$ %% $ { $%%{ %$${"',
        '"\x01\x7f\u2028\ufeff /* # // */ \t"',
        "[012, -5, - 5, 1.50, 1e3, 2e-2, 123456789012345678]",
        '{ a = 1, "b" : null, if = true, "for" = [false,], c-d = {} }',
    ]
    source = f"[\n{', '.join(literals)}\n]"
    seen = evaluate(source, tmp_path)
    (local,) = parse((tmp_path / "main.tf").read_text(), "main.tf").blocks
    assert plain(local.body.attributes[0].value) == seen


def rejected_by_terraform(texts: Iterable[str], folder: Path) -> set[str]:
    """Those of the texts that are no HCL to Terraform."""
    files = {f"case{i}.tf": text for i, text in enumerate(texts)}
    for name, text in files.items():
        (folder / name).write_bytes(text.encode())
    _, _, errors = run("fmt", "-no-color", "-list=false", "-write=false", str(folder))
    return {files[name] for name in re.findall(r"(case\d+\.tf) line \d", errors)}


def test_rejected_and_accepted_words(tmp_path: Path) -> None:
    texts = [*ACCEPTED, *REJECTED, *STRICTER]
    assert rejected_by_terraform(texts, tmp_path) == set(REJECTED)


def mutant(text: str, chosen: random.Random) -> str:
    """The text with some pieces removed, doubled, moved or replaced."""
    pieces = [p for p in re.split(r"(\s+|\b|(?<=\W)(?=\W))", text) if p]
    for _ in range(chosen.choice((1, 1, 2, 3))):
        at, other = chosen.randrange(len(pieces)), chosen.randrange(len(pieces))
        match chosen.randrange(5):
            case 0 if len(pieces) > 1:
                del pieces[at]
            case 1:
                pieces.insert(at, pieces[other])
            case 2:
                pieces[at], pieces[other] = pieces[other], pieces[at]
            case 3:
                pieces[at] = chosen.choice(HOSTILE)
            case _:
                pieces.insert(at, chosen.choice(HOSTILE))
    return "".join(pieces)


def test_no_mutant_is_accepted_that_terraform_rejects(tmp_path: Path) -> None:
    chosen = random.Random(1)
    seeds = [text for text in (*ACCEPTED, *REJECTED) if text]
    mutants = {mutant(chosen.choice(seeds), chosen) for _ in range(1500)}
    accepted = []
    for text in mutants:
        try:
            parse(text, "x.tf")
        except HclSyntaxError:
            continue
        accepted.append(text)
    assert len(accepted) > 100
    assert rejected_by_terraform(accepted, tmp_path) == set()
