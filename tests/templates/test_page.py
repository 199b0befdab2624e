"""The page about templates is made from the views, is in step, and leaves nothing out."""

import re

import jinja2
import jinja2.meta
import pytest
from jinja2.filters import FILTERS

from secretgen.render.overlay import packaged_templates, template_names
from secretgen.render.template_reference import INCLUDED, given, templates_page
from secretgen.render.templates import environment, markdown
from tests.templates.conftest import Project


def test_every_filter_is_described() -> None:
    packaged = environment()
    for filters in (packaged.filters, markdown(packaged).filters):
        for name in filters.keys() - FILTERS.keys():
            assert f"| `{name}` |" in templates_page()


def test_every_name_that_a_template_uses_is_described() -> None:
    packaged = environment()
    for name in template_names():
        text = (packaged_templates() / name).read_text(encoding="utf-8")
        jinja = markdown(packaged) if name.endswith(".md.j2") else packaged
        used = jinja2.meta.find_undeclared_variables(jinja.parse(text))
        about = given(name)
        assert used <= (about.names if about else INCLUDED.get(name, {})).keys(), name


def test_every_described_name_is_given(project: Project) -> None:
    for name in template_names():
        about = given(name)
        if about:
            asked = "".join(f"{{% if {given_name} %}}{{% endif %}}" for given_name in about.names)
            project.change(name, "", asked)
    assert project.render("--dry-run").code == 0


@pytest.mark.parametrize("name", template_names())
def test_every_template_is_listed(name: str) -> None:
    described = re.findall(r"`([\w./-]+\.j2)`", templates_page())
    assert name in described or name == "module/_key_variables.tf.j2"  # which is given nothing
