"""Nothing reaches a rendered file but what a filter has made safe."""

from pathlib import Path

import jinja2
import pytest
from jinja2 import nodes

from secretgen.render.templates import environment, packaged_templates

TEMPLATES = sorted(
    p.relative_to(packaged_templates()).as_posix() for p in packaged_templates().rglob("*.j2")
)
HCL_TEMPLATES = [t for t in TEMPLATES if not t.endswith(".md.j2")]
HCL_FILTERS = {"hcl", "label", "name", "comment"}


def rendered(source: str, **context: object) -> str:
    return environment().from_string(source).render(context)


@pytest.mark.parametrize(
    "source",
    ["{{ x }}", "{{ 'constant' }}", "{{ x | safe }}", "{{ x ~ x }}", "{{ 1 }}", "{{ x | upper }}"],
)
def test_a_value_without_a_filter_is_refused(source: str) -> None:
    with pytest.raises(TypeError, match="without a filter"):
        rendered(source, x="text")


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(jinja2.UndefinedError):
        rendered("{{ missing | hcl }}")


def test_text_stays_text() -> None:
    hostile = '"}\nresource "x" "y" {} ${file("/etc/passwd")} %{ if true } \\'
    assert rendered("a = {{ x | hcl }}", x=hostile) == (
        'a = "\\"}\\nresource \\"x\\" \\"y\\" {} \\u0024{file(\\"/etc/passwd\\")}'
        ' \\u0025{ if true } \\\\"'
    )
    assert rendered("# {{ x | comment }}", x="a\nb\u2028c\rd") == "# a b c d"
    with pytest.raises(ValueError, match="identifier"):
        rendered("variable {{ x | label }} {}", x='a" {} resource "b')


@pytest.mark.parametrize("name", HCL_TEMPLATES)
def test_every_expression_of_a_template_ends_in_a_filter(name: str) -> None:
    source = (packaged_templates() / name).read_text(encoding="utf-8")
    for output in environment().parse(source).find_all(nodes.Output):
        for node in output.nodes:
            if not isinstance(node, nodes.TemplateData):
                assert isinstance(node, nodes.Filter), f"{name}:{node.lineno}"
                assert node.name in HCL_FILTERS, f"{name}:{node.lineno}: {node.name}"


def test_templates_are_found_in_a_checkout() -> None:
    assert packaged_templates() == Path(__file__).parents[2] / "templates"
