"""Whatever a spec holds shows in a document as that text, and changes nothing around it."""

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from secretgen.hcl.encode import comment
from secretgen.render import markdown
from secretgen.render.templates import environment
from secretgen.render.templates import markdown as documents

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
NASTY = [
    "a | b | c",
    "a `tick` and ``two`` and `",
    "<script>alert(1)</script> <!-- comment",
    "line\nbreak\n\n# heading\n```\nfence",
    "- item",
    "1. first",
    "2) second",
    "+ plus",
    "=====",
    "---",
    "***",
    "# not a heading #",
    "[link](http://example.com) ![image](x)",
    "[reference]: http://example.com",
    "&amp; &#124; &copy;",
    "*a* _b_ **c** ~~d~~ \\ \\| end\\",
    "    indented",
    "$x$",
    "{{ template }} {% raw %}",
    "é 🔑 \u2028 \u202e rtl",
]
PAGES = {
    "paragraph": "%s\n\nafter\n",
    "heading": "# %s\n\nafter\n",
    "item": "- %s\n\nafter\n",
    "cell": "| a | b |\n| --- | --- |\n| %s | end |\n\nafter\n",
    "after": "before %s\n\nafter\n",
}


def shown(page: str) -> str:
    """All text of a page, as a reader sees it."""
    kinds = {"text", "code_inline", "html_inline", "text_special"}
    lines = []
    for block in PARSER.parse(page):
        inline = block.children or []
        assert {token.type for token in inline} <= kinds, page
        lines.append("".join(t.content for t in inline if t.type != "html_inline"))
    return "\n".join(line for line in lines if line)


def structure(page: str) -> list[str]:
    return [token.type for token in PARSER.parse(page)]


def check(page: str, written: str, value: str) -> None:
    assert structure(page % written) == structure(page % "x")
    expected = shown(page % "SHOWN").replace("SHOWN", comment(value))
    assert shown(page % written).split() == expected.split()


@pytest.mark.parametrize("place", PAGES)
@pytest.mark.parametrize("value", NASTY)
def test_special_characters_are_shown_unchanged(value: str, place: str) -> None:
    check(PAGES[place], markdown.text(value), value)
    check(PAGES[place], markdown.code(value), value)


MARKUP = st.text(alphabet=st.sampled_from("ab1 \n\t`|\\*_[]()<>!~&#$;:.+-=/{}\"'é"), min_size=1)


@given(MARKUP | st.text(min_size=1), st.sampled_from(sorted(PAGES)))
def test_any_text_shows_as_it_is(value: str, place: str) -> None:
    if comment(value):
        check(PAGES[place], markdown.text(value), value)
        check(PAGES[place], markdown.code(value), value)


def test_plain_text_stays_readable() -> None:
    assert markdown.text("RDS master credentials (read-only, v1.2)") == (
        "RDS master credentials (read-only, v1.2)"
    )
    assert markdown.code("prod/database/master-password") == "`prod/database/master-password`"
    assert markdown.shell("prod/database/master-password") == "prod/database/master-password"


WORDS = [*NASTY, "it's", "a'b\"c", "$(id) `id` ${HOME} $HOME", "*", "~", "!x", "\t", "\x01\x7f"]


@pytest.mark.parametrize("value", WORDS)
def test_shell_receives_exactly_the_word(value: str) -> None:
    word = markdown.shell(value)
    assert "\n" not in word
    command = ["bash", "-c", f"printf '%s|' {word}"]
    run = subprocess.run(command, capture_output=True, check=True, env={"LC_ALL": "C.UTF-8"})
    assert run.stdout.decode() == f"{value}|"


def test_a_template_cannot_write_a_value_without_a_filter() -> None:
    jinja = documents(environment())
    assert jinja.from_string("{{ x | md }}").render(x="a|b") == "a\\|b"
    for template in ("{{ x }}", "{{ x | safe }}", "{{ x | upper }}", "{{ x | join }}"):
        with pytest.raises(TypeError, match="without a filter"):
            jinja.from_string(template).render(x="a|b")


def test_filters_of_hcl_and_markdown_do_not_mix() -> None:
    assert "hcl" not in documents(environment()).filters
    assert "md" not in environment().filters
