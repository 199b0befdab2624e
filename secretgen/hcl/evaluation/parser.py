"""From parsed HCL to expressions that can be evaluated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from secretgen.hcl.evaluation import expression_tree as tree
from secretgen.hcl.evaluation.expression_tree import Expression, NotEvaluatedError
from secretgen.hcl.hcl_nodes import Call, ListValue, Literal, ObjectValue, Reference, Value
from secretgen.hcl.tokens import Kind, Source, Token, tokenize, unquote

_WORDS = {"true": True, "false": False, "null": None}
_OPERATORS = (("||",), ("&&",), ("==", "!="), ("<", ">", "<=", ">="), ("+", "-"), ("*", "/", "%"))


def parse_value(value: Value) -> Expression:
    """Returns the expression of a value of parsed HCL.

    Raises:
        NotEvaluatedError: it uses a part of the language that is not supported.
    """
    match value:
        case Literal():
            return tree.Constant(value.value)
        case Reference():
            return _reference(value)
        case ListValue():
            return tree.ListOf(tuple(map(parse_value, value.items)))
        case ObjectValue():
            entries = ((tree.Constant(e.key), parse_value(e.value)) for e in value.entries)
            return tree.ObjectOf(tuple(entries))
        case Call():
            return tree.FunctionCall(value.function, tuple(map(parse_value, value.arguments)))
    return parse_expression(value.text)


def _reference(value: Reference) -> Expression:
    first, *rest = value.parts
    found: Expression = tree.Name(str(first))
    for part in rest:
        if isinstance(part, int):
            found = tree.GetIndex(found, tree.Constant(part))
        else:
            found = tree.GetAttribute(found, str(part))
    return found


@cache
def parse_expression(text: str) -> Expression:
    """Parses the text of an expression.

    Raises:
        NotEvaluatedError: it uses a part of the language that is not supported.
    """
    parser = _Parser(text)
    found = parser.expression()
    parser.expect_end()
    return found


class _Parser:
    """A recursive descent through the tokens; newlines count as blanks.

    Args:
        text: the expression.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        skipped = (Kind.NEWLINE, Kind.COMMENT)
        self._tokens = [t for t in tokenize(Source(text, "")) if t.kind not in skipped]
        self._at = 0

    def expect_end(self) -> None:
        if self._at < len(self._tokens):
            raise self._unsupported()

    def expression(self) -> Expression:
        found = self._binary(0)
        if self._accept("?"):
            yes = self.expression()
            self._take(":")
            return tree.Conditional(found, yes, self.expression())
        return found

    def _binary(self, level: int) -> Expression:
        if level == len(_OPERATORS):
            return self._unary()
        found = self._binary(level + 1)
        while self._peek() in _OPERATORS[level] and self._kind() is Kind.PUNCTUATION:
            operator = self._next()
            found = tree.Operation(operator, (found, self._binary(level + 1)))
        return found

    def _unary(self) -> Expression:
        if self._kind() is Kind.PUNCTUATION and self._peek() in ("-", "!"):
            return tree.Operation(self._next(), (self._unary(),))
        return self._traversal(self._term())

    def _traversal(self, value: Expression) -> Expression:
        while True:
            if self._accept("."):
                name = self._next()
                if name.isdecimal():
                    value = tree.GetIndex(value, tree.Constant(int(name)))
                else:
                    value = tree.GetAttribute(value, name)
            elif self._accept("["):
                if self._accept("*"):
                    self._take("]")
                    value = tree.Splat(value, tuple(self._names()))
                else:
                    index = self.expression()
                    self._take("]")
                    value = tree.GetIndex(value, index)
            else:
                return value

    def _names(self) -> list[str]:
        names = []
        while self._accept("."):
            names.append(self._next())
        return names

    def _term(self) -> Expression:
        if self._accept("("):
            found = self.expression()
            self._take(")")
            return found
        kind, text = self._kind(), self._peek()
        read = _TERMS.get(text) or _TERMS.get(kind)
        if read is None:
            raise self._unsupported()
        return read(self)

    def string(self) -> Expression:
        return tree.Constant(unquote(self._next()))

    def number(self) -> Expression:
        digits = self._next()
        return tree.Constant(int(digits) if digits.isdecimal() else float(digits))

    def name(self) -> Expression:
        name = self._next()
        if name in _WORDS:
            return tree.Constant(_WORDS[name])
        if not self._accept("("):
            return tree.Name(name)
        arguments = []
        expanded = False
        while not self._accept(")"):
            arguments.append(self.expression())
            expanded = self._accept("...")
            if not self._accept(",") and self._peek() != ")":
                raise self._unsupported()
        return tree.FunctionCall(name, tuple(arguments), expanded)

    def template(self) -> Expression:
        if self._next() != '"':
            raise self._unsupported()
        parts: list[Expression] = []
        while self._kind() is not Kind.TEMPLATE_CLOSE:
            if self._kind() is Kind.TEMPLATE_TEXT:
                parts.append(tree.Constant(unquote(f'"{self._next()}"')))
            elif self._accept("${"):
                parts.append(self.expression())
                self._take("}")
            else:
                raise self._unsupported()
        self._next()
        return tree.Template(tuple(parts))

    def list_of(self) -> Expression:
        self._take("[")
        if self._peek() == "for":
            return self._for("]")
        items = []
        while not self._accept("]"):
            items.append(self.expression())
            if not self._accept(",") and self._peek() != "]":
                raise self._unsupported()
        return tree.ListOf(tuple(items))

    def object_of(self) -> Expression:
        self._take("{")
        if self._peek() == "for":
            return self._for("}")
        entries = []
        while not self._accept("}"):
            key = self._key()
            if not self._accept("=") and not self._accept(":"):
                raise self._unsupported()
            entries.append((key, self.expression()))
            self._accept(",")
        return tree.ObjectOf(tuple(entries))

    def _key(self) -> Expression:
        if self._kind() is Kind.NAME:
            return tree.Constant(self._next())
        return self._term()

    def _for(self, closer: str) -> Expression:
        self._take("for")
        names = [self._next()]
        if self._accept(","):
            names.append(self._next())
        self._take("in")
        collection = self.expression()
        self._take(":")
        key = None
        value = self.expression()
        if closer == "}":
            self._take("=>")
            key, value = value, self.expression()
        grouped = self._accept("...")
        condition = self.expression() if self._accept("if") else None
        self._take(closer)
        return tree.For(tuple(names), collection, key, value, condition, grouped)

    def _token(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _kind(self) -> Kind | None:
        token = self._token()
        return token.kind if token else None

    def _peek(self) -> str:
        token = self._token()
        return self._text[token.start : token.end] if token else ""

    def _next(self) -> str:
        text = self._peek()
        if not text:
            raise self._unsupported()
        self._at += 1
        return text

    def _accept(self, text: str) -> bool:
        if self._peek() != text:
            return False
        self._at += 1
        return True

    def _take(self, text: str) -> None:
        if not self._accept(text):
            raise self._unsupported()

    def _unsupported(self) -> NotEvaluatedError:
        return NotEvaluatedError(f"{self._peek() or 'the end'!r} is not supported in {self._text}")


_TERMS: Mapping[object, Callable[[_Parser], Expression]] = {
    Kind.STRING: _Parser.string,
    Kind.NUMBER: _Parser.number,
    Kind.TEMPLATE_OPEN: _Parser.template,
    Kind.NAME: _Parser.name,
    "[": _Parser.list_of,
    "{": _Parser.object_of,
}
