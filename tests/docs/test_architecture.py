"""The page on the architecture names every part of the program, in the order that is enforced."""

import ast
import re
import tomllib
from collections import Counter

from tests.rendered import PROJECT

ROW = re.compile(r"^\| ((?:`\w+`(?:, )?)+) \|", re.MULTILINE)


def test_the_table_has_the_parts_in_the_order_of_the_layers() -> None:
    page = (PROJECT / "docs/architecture.md").read_text("utf-8")
    rows = [re.findall(r"\w+", row) for row in ROW.findall(page)]
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))
    (contract,) = (
        c for c in settings["tool"]["importlinter"]["contracts"] if c["type"] == "layers"
    )
    order = {part: i for i, layer in enumerate(contract["layers"]) for part in layer.split(" | ")}
    named = [part for row in rows for part in row]
    assert {*named, "__main__"} == order.keys()
    places = [order[part] for part in named]
    assert places == sorted(places)


def test_no_two_parts_have_one_name() -> None:
    files = (PROJECT / "secretgen").rglob("*.py")
    names = Counter(f.parent.name if f.name == "__init__.py" else f.stem for f in files)
    assert {name for name, times in names.items() if times > 1} == set()


def test_every_module_is_imported_by_another() -> None:
    files = {f: f.relative_to(PROJECT) for f in (PROJECT / "secretgen").rglob("*.py")}
    modules = {".".join(part.with_suffix("").parts): f for f, part in files.items()}
    imported = {
        name
        for file in files
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        for name in _imported(node)
        if modules.get(name) != file
    }
    found_by_name = {name for name in modules if re.fullmatch(r"secretgen\.rules\.\w+_rules", name)}
    unused = modules.keys() - imported - found_by_name
    assert {name for name in unused if not name.endswith(("__init__", "__main__"))} == set()


def _imported(node: ast.AST) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [name.name for name in names]
        case ast.ImportFrom(module=str(module), names=names, level=0):
            return [module, *(f"{module}.{name.name}" for name in names)]
    return []
