"""Which names a JavaScript file exports, read from its tokens: comments and texts do not count, nothing is executed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

MAX_LENGTH = 500_000  # characters, read in about a second

_SPACE = re.compile(r"(?:\s|//[^\n]*|/\*[\s\S]*?\*/)+")
# Letters, digits, _, $ and all beyond ASCII; said by what it is not, as a set up to U+10FFFF takes 6 ms to compile.
_WORD = re.compile(r"[^\x00-#%-@\[-^`{-\x7f][^\x00-#%-/:-@\[-^`{-\x7f]*")
_NUMBER = re.compile(r"\.?\d(?:[eE][+-]|[\w.])*")
_STRING = re.compile(r"'(?:[^'\\\n]|\\[\s\S])*'|\"(?:[^\"\\\n]|\\[\s\S])*\"")
_REGEX = re.compile(r"/(?![/*])(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/\w*")
_PUNCTUATION = re.compile(r"\.\.\.|=>|\+\+|--|[=!]==?|[-+*/%&|^<>?]=|[\s\S]")
# A slash after one of these words begins a regular expression; after any other word it divides.
_BEFORE_REGEX = frozenset(
    ("return", "typeof", "case", "in", "of", "delete", "void", "throw", "new", "else", "do", "instanceof", "await")
)
_ENDS_DECLARATION = frozenset((";", "export", "import", "const", "let", "var"))
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")


class Unreadable(Exception):
    """The text is not JavaScript that this can read; the message says why."""


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` is word, text, other (numbers, templates, regular expressions), punctuation or end.

    `text` of a text is a quotation mark and its content, so that it is never taken for a word. `depth` is the number of
    brackets around the token.
    """

    kind: str
    text: str
    depth: int

    @property
    def name(self) -> str:
        """What a word, or a text, names."""
        return self.text.removeprefix('"')


@dataclass
class Exports:
    """What a file exports: as a CommonJS module, and as an ES module. `open_` says why there may be more names."""

    commonjs: set[str] = field(default_factory=set)
    module: set[str] = field(default_factory=set)
    open_: str | None = None


def exports(source: str) -> Exports:
    """Raises Unreadable."""
    if len(source) > MAX_LENGTH:
        raise Unreadable(f"it is longer than {MAX_LENGTH:,} characters")
    return _Reader([*tokens(source), *[Token("end", "", 0)] * 8]).read()


def tokens(source: str) -> Iterator[Token]:
    """Raises Unreadable."""
    position = source.index("\n") if source.startswith("#!") and "\n" in source else 0
    brackets: list[str] = []
    templates: list[int] = []  # how many brackets are open where each `${` stands
    before: Token | None = None
    while position < len(source):
        if space := _SPACE.match(source, position):
            position = space.end()
            continue
        character = source[position]
        depth = len(brackets)
        if character == "`" or (character == "}" and templates and templates[-1] == depth):
            if character == "}":
                templates.pop()
                brackets.pop()
            end, nested = _end_of_template(source, position + 1)
            token = Token("other", "`", len(brackets))
            if nested:
                brackets.append("${")
                templates.append(len(brackets))
            before = None if nested else token
            position = end
            yield token
            continue
        token, position = _token(source, position, before, depth)
        if token.kind == "punctuation" and token.text in _CLOSING:
            if not brackets:
                raise Unreadable(f"a {token.text} closes nothing")
            brackets.pop()
            token = Token(token.kind, token.text, len(brackets))
        elif token.kind == "punctuation" and token.text in _OPENING:
            brackets.append(token.text)
        before = token
        yield token
    if brackets:
        raise Unreadable("a bracket is not closed")


def _token(source: str, position: int, before: Token | None, depth: int) -> tuple[Token, int]:
    character = source[position]
    if character in "'\"":
        match = _STRING.match(source, position)
        if match is None:
            raise Unreadable("a text is not closed")
        return Token("text", '"' + match[0][1:-1], depth), match.end()
    if source.startswith("/*", position):
        raise Unreadable("a comment is not closed")
    if character == "/" and _regex_follows(before):
        match = _REGEX.match(source, position)
        if match is None:
            raise Unreadable("a regular expression is not closed")
        return Token("other", "/", depth), match.end()
    for kind, pattern in (("word", _WORD), ("other", _NUMBER), ("punctuation", _PUNCTUATION)):
        if match := pattern.match(source, position):
            return Token(kind, match[0], depth), match.end()
    raise AssertionError("any character is punctuation")


def _regex_follows(before: Token | None) -> bool:
    if before is None:
        return True
    if before.kind == "word":
        return before.text in _BEFORE_REGEX
    return before.kind == "punctuation" and before.text not in (")", "]", "}", "++", "--")


def _end_of_template(source: str, position: int) -> tuple[int, bool]:
    """Where a template's text ends, and whether an expression follows in it."""
    while position < len(source):
        if source[position] == "\\":
            position += 2
        elif source[position] == "`":
            return position + 1, False
        elif source.startswith("${", position):
            return position + 2, True
        else:
            position += 1
    raise Unreadable("a template is not closed")


class _Reader:
    """Goes through the tokens once. Only what stands outside every bracket is certain to run."""

    def __init__(self, found: list[Token]) -> None:
        self.tokens = found
        self.exports = Exports()
        self.chain_end = 0  # where the value of `exports.a = exports.b = ...` stands, of the last one that was read
        self.detached = False  # `module.exports = ...` was set, and `exports` is the old object still

    def read(self) -> Exports:
        for index, token in enumerate(self.tokens):
            if token.kind != "word" or self._is_member(index):
                continue
            if token.text == "exports":
                self._commonjs(index, index + 1)
            elif token.text == "module" and self._are(index + 1, ".", "exports"):
                self._commonjs(index, index + 3)
            elif token.text == "export" and token.depth == 0:
                self._export(index + 1)
        return self.exports

    def _are(self, index: int, *texts: str) -> bool:
        return [token.text for token in self.tokens[index : index + len(texts)]] == list(texts)

    def _is_member(self, index: int) -> bool:
        """Whether the word is a property's name: `x.exports`, `{ exports: 1 }`."""
        return (index > 0 and self._are(index - 1, ".")) or self._are(index + 1, ":")

    def _maybe(self, why: str) -> None:
        self.exports.open_ = self.exports.open_ or why

    # CommonJS

    def _commonjs(self, start: int, after: int) -> None:
        """One `exports` or `module.exports`, from `start` up to `after`."""
        whole = self.tokens[start].text == "module"
        name, end = self._member(after)
        if name is not None:
            if self._are(end, "=") and not self._is_undefined(end):
                self._assign(start, name, through_module=whole)
            return  # anything else reads it, or sets it to nothing
        if self._are(after, "="):
            if whole:
                self._replace(start, after + 1)
            elif not self._are(after + 1, "module", ".", "exports"):
                self._maybe("exports is assigned to as a whole")
            return
        if self._are(start - 2, "defineProperty", "(") and self._are(after, ","):
            name_token = self.tokens[after + 1]
            if name_token.kind == "text":
                self._assign(start - 2, name_token.name, through_module=whole, depth=self.tokens[start].depth - 1)
                return
        self._maybe("exports is used as a whole")

    def _member(self, index: int) -> tuple[str | None, int]:
        """The name in `.name` or `["name"]`, and what follows."""
        if self._are(index, ".") and self.tokens[index + 1].kind == "word":
            return self.tokens[index + 1].text, index + 2
        if self._are(index, "[") and self.tokens[index + 1].kind == "text" and self._are(index + 2, "]"):
            return self.tokens[index + 1].name, index + 3
        return None, index

    def _is_undefined(self, index: int) -> bool:
        """Whether `= exports.b = void 0` follows, as compilers write it."""
        if index >= self.chain_end:
            while self._are(index, "="):
                index += 1
                if self._are(index, "exports"):
                    _, index = self._member(index + 1)
            self.chain_end = index
        return self.tokens[self.chain_end].text in ("void", "undefined")

    def _assign(self, start: int, name: str, *, through_module: bool, depth: int | None = None) -> None:
        if (self.tokens[start].depth if depth is None else depth) > 0:
            self._maybe(f"{name} is exported inside a block")
        elif through_module or not self.detached:
            self.exports.commonjs.add(name)

    def _replace(self, start: int, value: int) -> None:
        """`module.exports = ...`: what was exported before is gone."""
        if self.tokens[start].depth > 0:
            self._maybe("module.exports is set inside a block")
            return
        self.exports.commonjs.clear()
        self.exports.open_ = None
        self.detached = not self._are(start - 2, "exports", "=") and not self._are(value, "exports", "=")
        if self._are(value, "exports", "="):
            value += 2
        if self._are(value, "{"):
            self._object(value)
        else:
            self._maybe("module.exports is no object that is written there")

    def _object(self, index: int) -> None:
        """The names in an object literal."""
        inside = self.tokens[index].depth + 1
        fresh = True
        words: list[Token] = []
        for token in self.tokens[index + 1 :]:
            if token.depth < inside:
                self._property(words)
                return
            if token.depth > inside or not fresh:
                fresh = fresh or (token.depth == inside and token.text == ",")
                continue
            if token.text in (",", ":", "("):
                self._property(words)
                words, fresh = [], token.text == ","
            elif token.text == "...":
                self._maybe("an object is spread into module.exports")
                fresh = False
            elif token.text == "[":
                self._maybe("module.exports has a name that is computed")
                fresh = False
            else:
                words.append(token)

    def _property(self, words: list[Token]) -> None:
        if words and words[-1].kind in ("word", "text"):
            self.exports.commonjs.add(words[-1].name)

    # ES modules

    def _export(self, index: int) -> None:
        """What follows `export`."""
        token = self.tokens[index]
        if token.text == "default":
            self.exports.module.add("default")
        elif token.text in ("const", "let", "var"):
            self._declared(index + 1)
        elif token.text in ("function", "async", "class"):
            while self.tokens[index].text in ("async", "function", "class", "*"):
                index += 1
            self.exports.module.add(self.tokens[index].text)
        elif self._are(index, "{"):
            self._listed(index + 1)
        elif self._are(index, "*", "as"):
            self.exports.module.add(self.tokens[index + 2].name)
        elif self._are(index, "*"):
            self._maybe("everything of another module is exported")

    def _declared(self, index: int) -> None:
        """`a = 1, b` after const, let or var."""
        expected = True
        for position in range(index, len(self.tokens)):
            token = self.tokens[position]
            if token.kind == "end" or (token.depth == 0 and token.text in _ENDS_DECLARATION):
                return
            if expected and token.kind == "word":
                self.exports.module.add(token.text)
                expected = False
            elif expected:
                self._maybe("an export is taken out of an object or a list")
                expected = False
            elif token.depth == 0 and token.text == ",":
                expected = True

    def _listed(self, index: int) -> None:
        """`a, b as c, d as "e" }` after `export {`."""
        last: Token | None = None
        for token in self.tokens[index:]:
            if token.text in (",", "}"):
                if last is not None:
                    self.exports.module.add(last.name)
                last = None
                if token.text == "}":
                    return
            elif token.kind in ("word", "text"):
                last = token
