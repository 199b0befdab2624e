"""Projects of a spec and parts, in memory."""

import copy
import re
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from secretgen.errors import FileAccessError
from secretgen.spec.json_schema import json_schema
from secretgen.spec.load import LoadedSpec, load_spec
from secretgen.spec.parts import Library
from tests.rules.support import complete
from tests.spec.trees import write

SCHEMA = json_schema()
SPEC = "specs/staging.yaml"
_NOTHING = ("", "~", "null")
_REFERENCE = re.compile(r"\$(?=\([A-Za-z])")


def _keys_in(schema: dict[str, Any]) -> set[str]:
    kinds = [schema, *schema["$defs"].values()]
    return {key for kind in kinds for key in kind.get("properties", ())}


_KEYS = _keys_in(SCHEMA)
"""Every key of the spec language; names that a spec chooses are none."""


class Files(dict[str, str]):
    """Texts of parts by their path, and how often each was read."""

    def __init__(self, files: Mapping[str, str]) -> None:
        super().__init__(files)
        self.reads: list[str] = []

    def library(self) -> Library:
        return Library(self._read)

    def _read(self, file: str) -> bytes:
        self.reads.append(file)
        if file not in self:
            raise FileAccessError(f"{file} does not exist")
        return self[file].encode()


def load(spec: str, **parts: str) -> LoadedSpec:
    """Loads an excerpt of a spec with parts: `a=...` is the text of `parts/a.yaml`."""
    files = Files({f"parts/{name}.yaml": f"version: 1\n{text}" for name, text in parts.items()})
    return load_spec(complete(spec).encode(), SPEC, files.library())


@st.composite
def cut(draw: st.DrawFn, tree: dict[str, Any]) -> tuple[str, Files]:
    """Cuts a spec into parts: entries and fields of secrets go anywhere, and inputs make text."""
    names = [f"parts/{i}.yaml" for i in range(draw(st.integers(1, 4)))]
    pieces: dict[str, dict[str, Any]] = {name: {} for name in (*names, SPEC)}
    anywhere = st.sampled_from([*names, SPEC])
    for key, value in tree.items():
        if key in ("accounts", "keys", "service_secrets", "monitoring"):
            for name, entry in value.items():
                pieces[draw(anywhere)].setdefault(key, {})[name] = entry
        elif key == "secrets":
            for name, entry in value.items():
                pieces[draw(anywhere)].setdefault(key, {}).setdefault(name, {})
                for field, inner in (entry if isinstance(entry, dict) else {}).items():
                    place = pieces[draw(anywhere)].setdefault(key, {}).setdefault(name, {})
                    place[field] = inner
        else:
            pieces[draw(anywhere) if key == "required_tags" else SPEC][key] = value
    spec, include, files = pieces.pop(SPEC), [], {}
    for name, piece in pieces.items():
        inputs: dict[str, str] = {}
        body = _with_inputs(draw, copy.deepcopy(piece), inputs)
        defaults = {i for i in inputs if draw(st.booleans())}
        declared = {i: {"default": inputs[i]} if i in defaults else {} for i in inputs}
        files[name] = write({"version": "1", "inputs": declared, **body})
        given = {i: text for i, text in inputs.items() if i not in defaults}
        include.append({"file": name, "inputs": given} if given else name)
    return write({**spec, "include": include}), Files(files)


def _with_inputs(draw: st.DrawFn, tree: Any, inputs: dict[str, str], *, top: bool = True) -> Any:
    if isinstance(tree, dict):
        return {
            key if top or key in _KEYS else _text(draw, key, inputs): _with_inputs(
                draw, value, inputs, top=False
            )
            for key, value in tree.items()
        }
    if isinstance(tree, list):
        return [_with_inputs(draw, item, inputs, top=False) for item in tree]
    return _text(draw, tree, inputs)


def _text(draw: st.DrawFn, text: str, inputs: dict[str, str]) -> str:
    if text in _NOTHING or draw(st.integers(0, 3)):
        return _REFERENCE.sub("$$", text)
    begin = draw(st.integers(0, len(text) - 1))
    end = draw(st.integers(begin + 1, len(text)))
    middle = text[begin:end]
    name = next((n for n, known in inputs.items() if known == middle), f"i{len(inputs)}")
    if middle in _NOTHING or _REFERENCE.search(text[:begin][-1:] + middle + text[end:]):
        return _REFERENCE.sub("$$", text)
    inputs[name] = middle
    head, tail = (_REFERENCE.sub("$$", piece) for piece in (text[:begin], text[end:]))
    return f"{head}$({name}){tail}"
