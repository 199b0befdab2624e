"""Values become literals that are exactly those values, laid out as by hand."""

import re
from collections import OrderedDict
from enum import StrEnum
from types import MappingProxyType

import pytest
import regex

from secretgen.hcl import encode as module
from secretgen.hcl.encode import Reference, call, comment, encode, identifier, reference


class Color(StrEnum):
    RED = "red"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-12, "-12"),
        (2**80, "1208925819614629174706176"),
        ("", '""'),
        ("plain", '"plain"'),
        (Color.RED, '"red"'),
        ("0042", '"0042"'),
        ('say "hi"\\', r'"say \"hi\"\\"'),
        ("a\nb\rc\td", r'"a\nb\rc\td"'),
        ("\0\x1b\x7f\x85", r'"\u0000\u001b\u007f\u0085"'),
        ("\ufeff\u2028\u202e\u200b", r'"\ufeff\u2028\u202e\u200b"'),
        ("\U000e0041", r'"\U000e0041"'),
        ("clé 鍵 🔑", '"clé 鍵 🔑"'),
        ("${x}", r'"\u0024{x}"'),
        ("%{if x}", r'"\u0025{if x}"'),
        ("$${x} %%{y}", r'"$\u0024{x} %\u0025{y}"'),
        ("$ {x} 100% $", '"$ {x} 100% $"'),
        ([], "[]"),
        ((), "[]"),
        (["a"], '["a"]'),
        ([[]], "[[]]"),
        ({}, "{}"),
        (reference("module", "x", "arn"), "module.x.arn"),
        (reference("module", "x", "a/b${c}", 0), r'module.x["a/b\u0024{c}"][0]'),
        (reference("aws", "us-west-2"), "aws.us-west-2"),
        (call("jsonencode", "x"), 'jsonencode("x")'),
        (call("f"), "f()"),
        (call("f", 1, ["a"], {}), 'f(1, ["a"], {})'),
    ],
)
def test_one_line(value: object, text: str) -> None:
    assert encode(value) == text


def test_layout() -> None:
    statement = {
        "Sid": "A",
        "Action": ["a:B", "a:C"],
        "Condition": {"aws:x": [reference("var", "y")]},
    }
    policy = call("jsonencode", OrderedDict(Version="2012-10-17", Statement=[statement]))
    value = MappingProxyType(
        {"policy": policy, "lists": [[1, 2], {}], "merged": call("merge", {"a": 1}, {})}
    )
    expected = """\
{
    policy = jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Sid = "A"
        Action = [
          "a:B",
          "a:C",
        ]
        Condition = {
          "aws:x" = [var.y]
        }
      }]
    })
    lists = [
      [
        1,
        2,
      ],
      {},
    ]
    merged = merge(
      {
        a = 1
      },
      {},
    )
  }"""
    assert encode(value, indent=2) == expected


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("Version", "Version"),
        ("_a1", "_a1"),
        ("us-west-2", '"us-west-2"'),
        ("aws:SourceArn", '"aws:SourceArn"'),
        ("0042", '"0042"'),
        ("", '""'),
        ("a b", '"a b"'),
        ("for", '"for"'),
        ("null", '"null"'),
        ("${x}", r'"\u0024{x}"'),
        ("clé 鍵", '"clé 鍵"'),
        ("नमस्ते", r'"\u0928\u092e\u0938\u094d\u0924\u0947"'),
        ("🔑", r'"\U0001f511"'),
    ],
)
def test_keys(key: str, text: str) -> None:
    assert encode({key: 1}) == f"{{\n  {text} = 1\n}}"


def test_characters_that_keys_show_never_join_a_neighbour() -> None:
    shown = [
        chr(i)
        for i in range(0x110000)
        if not 0xD800 <= i < 0xE000 and not re.match(module._JOINING, chr(i))
    ]
    assert len(shown) > 32_000
    text = "".join(shown) + "".join(reversed(shown))
    assert len(regex.findall(r"\X", text)) == len(text)


@pytest.mark.parametrize("value", [1.5, b"x", bytearray(b"x"), {1: 2}, {None: 1}, {"a"}, object()])
def test_values_without_a_literal(value: object) -> None:
    with pytest.raises(TypeError):
        encode([value])


@pytest.mark.parametrize("value", ["\ud800", "a\udfff", {"\udc00": 1}])
def test_half_of_a_surrogate_pair(value: object) -> None:
    with pytest.raises(ValueError, match="surrogate"):
        encode(value)
    with pytest.raises(ValueError, match="surrogate"):
        comment("\ud800")


@pytest.mark.parametrize("name", ["", "1a", "-a", "a b", "a.b", "é", "a\n", "a\\", '"a"', "${a}"])
def test_no_identifier(name: str) -> None:
    with pytest.raises(ValueError, match="identifier"):
        identifier(name)
    with pytest.raises(ValueError, match="identifier"):
        reference(name, "x")
    with pytest.raises(ValueError, match="identifier"):
        call(name)
    assert encode(reference("a", name)).startswith('a["')


@pytest.mark.parametrize("name", ["a", "_", "A-1_b", "for"])
def test_identifier(name: str) -> None:
    assert identifier(name) == name


@pytest.mark.parametrize("parts", [(), (0, "a"), ("a", -1)])
def test_no_reference(parts: tuple[str | int, ...]) -> None:
    with pytest.raises(ValueError, match=r"reference|index"):
        Reference(parts)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("A password. 100% # */ ${x}", "A password. 100% # */ ${x}"),
        ("a\nevil = 1", "a evil = 1"),
        ("a\r\n\x0b\x0c\x85\u2028\u2029b", "a b"),
        ("\u202ea\ufeff\0", "a"),
        (" a  b ", "a b"),
        ("", ""),
    ],
)
def test_comments_stay_on_their_line(text: str, line: str) -> None:
    assert comment(text) == line
