"""Which names a JavaScript file exports."""

from __future__ import annotations

import contextlib
import time

import pytest

from routeproof.javascript import MAX_LENGTH, Exports, Unreadable, exports, tokens


def names(source: str) -> tuple[set[str], set[str], str | None]:
    found = exports(source)
    return found.commonjs, found.module, found.open_


@pytest.mark.parametrize(
    "source",
    [
        "exports.handler = async () => {}",
        "exports['handler'] = f;",
        'exports["handler"]=f',
        "module.exports.handler = f",
        "module.exports['handler'] = f",
        "module.exports = { handler }",
        "module.exports = { a, handler }",
        "module.exports = { handler, }",
        "module.exports = { handler: async (event) => ({ a: 1, b: [2, 3] }) };",
        "module.exports = { 'handler': f };",
        "module.exports = { handler() { return { a, b }; }, };",
        "module.exports = { async handler(event) {} }",
        "module.exports = { *handler() {} }",
        "module.exports = { a: { x, y }, b: [p, q], handler: f(r, s) }",
        "exports = module.exports = { handler }",
        "module.exports = exports = { handler }",
        "exports.a = exports.handler = f",
        "exports.handler = void 0;\nexports.handler = f;",
        "Object.defineProperty(exports, 'handler', { enumerable: true, get: () => f });",
        "Object.defineProperty(module.exports, 'handler', { value: f });",
        "module.exports = {};\nmodule.exports.handler = f",
        "exports = module.exports = {};\nexports.handler = f",
        "#!/usr/bin/env node\nexports.handler = f",
        "const a = 1 / 2; exports.handler = f; const b = 3 / 4;",
        "i++ / 2; exports.handler = f; x / 1",
        "const r = /[/'\"`]/g; exports.handler = f; '/'",
        "const t = `a ${ { b: `${c}'` }.b } exports`; exports.handler = f;",
        "/* ' */ exports /* . */ . /* x */ handler // =\n = f",
        "const été = 1; exports.handler = f",
    ],
)
def test_commonjs(source: str) -> None:
    found = exports(source)
    assert "handler" in found.commonjs
    assert found.module == set()


@pytest.mark.parametrize(
    "source",
    [
        "export const handler = async () => {}",
        "export let handler",
        "export var handler = 1;",
        "export const a = f(1, 2), handler = g",
        "export const sep = ';', handler = g",
        "export const f = function () {}, handler = g",
        "export function handler() {}",
        "export async function handler(event) {}",
        "export function* handler() {}",
        "export class handler {}",
        "const handler = f; export { handler }",
        "export { f as handler }",
        "export { f as 'handler' }",
        "export { a, f as handler, b } from './x.js'",
        "export * as handler from './x.js'",
    ],
)
def test_es_modules(source: str) -> None:
    found = exports(source)
    assert "handler" in found.module
    assert found.commonjs == set()


def test_the_default_export_is_named_so() -> None:
    assert names("export default async function handler() {}") == (set(), {"default"}, None)


@pytest.mark.parametrize(
    "source",
    [
        "// exports.handler = f",
        "/* exports.handler = f\n export const handler = 1 */",
        "'exports.handler = f'",
        '"exports.handler = f; \\" exports.handler = f"',
        "`exports.handler = f`",
        "`${ a } exports.handler = f ${ b } export const handler = 1`",
        "/exports.handler = f/",
        "x = /exports.handler = f/;",
        "exports.handler",
        "exports.handler == f",
        "exports.handler === f",
        "exports.handler => f",
        "exports.handler = void 0",
        "exports.a = exports.handler = undefined",
        "exports.handlers = f",
        "exports.a.handler = f",
        "module.exports = { a: handler }",
        "module.exports = { a: { handler } }",
        "module.exports = { a(handler) {} }",
        "module.handler = f",
        "my.exports.handler = f",
        "x = { exports: 1 }",
        "export const a = handler",
        "export { handler as a }",
        "const handler = 1",
        "module.exports.handler",
        "x.export",
        "{ export: 1 }",
        "'export const handler = 1'",
    ],
)
def test_what_only_looks_like_an_export(source: str) -> None:
    found = exports(source)
    assert "handler" not in found.commonjs | found.module
    assert found.open_ is None


def test_a_template_is_read_to_its_end() -> None:
    assert [token.text for token in tokens("a`b${ c + { d: `e` }.d }f`; g")] == [
        *("a", "`", "c", "+", "{", "d", ":", "`", "}", ".", "d", "`", ";", "g"),
    ]


def test_module_exports_as_a_whole_replaces_what_was_exported_before() -> None:
    assert names("exports.handler = f; module.exports = { a };") == ({"a"}, set(), None)


def test_exports_after_module_exports_is_the_old_object() -> None:
    assert names("module.exports = { a }; exports.handler = f;") == ({"a"}, set(), None)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("module.exports = require('./x')", "module.exports is no object that is written there"),
        ("module.exports = { ...others }", "an object is spread into module.exports"),
        ("module.exports = { ['hand' + 'ler']: f }", "module.exports has a name that is computed"),
        ("if (a) { exports.handler = f }", "handler is exported inside a block"),
        ("if (a) { module.exports = { handler } }", "module.exports is set inside a block"),
        ("Object.assign(exports, { handler })", "exports is used as a whole"),
        ("Object.assign(module.exports, { handler })", "exports is used as a whole"),
        ("Object.defineProperty(exports, name, {})", "exports is used as a whole"),
        ("(() => { Object.defineProperty(exports, 'handler', {}) })()", "handler is exported inside a block"),
        ("exports[name] = f", "exports is used as a whole"),
        ("exports = { handler }", "exports is assigned to as a whole"),
        ("__exportStar(require('./x'), exports)", "exports is used as a whole"),
        ("export * from './x.js'", "everything of another module is exported"),
        ("export const { handler } = f", "an export is taken out of an object or a list"),
    ],
)
def test_what_may_export_more_is_said(source: str, why: str) -> None:
    assert exports(source) == Exports(set(), set(), why)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("'abc", "a text is not closed"),
        ('"abc\n"', "a text is not closed"),
        ("`abc", "a template is not closed"),
        ("`abc${ d }", "a template is not closed"),
        ("`a\\`", "a template is not closed"),
        ("/* abc", "a comment is not closed"),
        ("x = /abc", "a regular expression is not closed"),
        ("f({ a: 1 )", None),
        ("f(", "a bracket is not closed"),
        (")", "a ) closes nothing"),
        (" " * (MAX_LENGTH + 1), "it is longer than 500,000 characters"),
    ],
)
def test_what_is_not_javascript_is_said(source: str, why: str | None) -> None:
    with pytest.raises(Unreadable) as told:
        exports(source)
    assert str(told.value) == (why or "a bracket is not closed")


@pytest.mark.parametrize("piece", ["/[", "'", "`${", "/*", "(", "{a:", "exports.a=", "//\n", "a/b ", "export const a="])
def test_the_time_for_long_and_hostile_texts_grows_with_their_length_alone(piece: str) -> None:
    began = time.process_time()
    with contextlib.suppress(Unreadable):
        exports(piece * (80_000 // len(piece)))
    assert time.process_time() - began < 15  # of the processor: 0.2 s; minutes where it grows with the square
