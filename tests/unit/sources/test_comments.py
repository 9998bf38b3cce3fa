"""Suppressing comments, found in the syntax tree, with the block and the attribute that each stands at."""

from __future__ import annotations

import pytest

from routeproof.sources.hcl.comments import MAX_COMMENTS, Comment, suppressing_comments
from routeproof.sources.hcl.syntax import SourceError, parse
from routeproof.values import Location

SKIP = "routeproof:skip=LOG_RETENTION: why"


def found(source: str) -> list[Comment]:
    return list(suppressing_comments(parse(source.encode(), "main.tf")))


def only(source: str) -> Comment:
    (comment,) = found(source)
    return comment


def block(body: str, *, above: str = "") -> str:
    return f'{above}resource "aws_cloudwatch_log_group" "g" {{\n{body}}}\n'


@pytest.mark.parametrize(
    "written",
    [
        f"# {SKIP}",
        f"#{SKIP}",
        f"## {SKIP}",
        f"// {SKIP}",
        f"/* {SKIP} */",
        f"/* {SKIP}\n     more */",
        f"/*\n   * {SKIP}\n   */",
        f"/**\n  {SKIP}\n  **/",
        f"# {SKIP}\r",
    ],
)
def test_every_kind_of_comment_without_its_signs(written: str) -> None:
    comment = only(block(f'  {written}\n\n  name = "g"\n'))
    assert (comment.text, comment.inside, comment.attribute) == (SKIP, True, None)


def test_the_place_of_each_line() -> None:
    source = block(f"  /* 日本 checkov:skip=A:b\n     * {SKIP}   \n  */\n")
    assert [(comment.text, comment.location) for comment in found(source)] == [
        ("日本 checkov:skip=A:b", Location("main.tf", 2, 3, 2, 25)),
        (SKIP, Location("main.tf", 3, 6, 3, 42)),
    ]


@pytest.mark.parametrize(
    "body",
    [
        f'  name = "# {SKIP}"\n',
        f'  name = "${{"// {SKIP}"}}"\n',
        f"  name = <<-EOT\n    # {SKIP}\n    EOT\n",
        f"  name = <<EOT\n/* {SKIP} */\nEOT\n",
        f'  name = "$${{ /* {SKIP} */ }}"\n',
        "  # nothing to see\n",
        "  # skip=LOG_RETENTION: not one of ours\n",
    ],
)
def test_a_text_that_looks_like_one_is_none(body: str) -> None:
    assert found(block(body)) == []


def test_a_comment_in_an_interpolation_is_one() -> None:
    assert only(block(f'  name = "${{ /* {SKIP} */ var.x }}"\n')).attribute == Location("main.tf", 2, 3, 2, 63)


HEADER = 'resource "aws_cloudwatch_log_group" "g"'


@pytest.mark.parametrize(
    ("source", "inside"),
    [
        (block('  name = "g"\n', above=f"# {SKIP}\n"), False),
        (block('  name = "g"\n', above=f"# {SKIP}\n# another\n/* and\n another */\n"), False),
        (f'{HEADER} {{ # {SKIP}\n  name = "g"\n}}\n', True),
        (block(f'  name = "g"\n\n  # {SKIP}\n'), True),
        (block(f'  # {SKIP}\n\n  name = "g"\n'), True),
        (f'{HEADER} {{ name = "g" /* {SKIP} */ }}\n', True),
        (block(f"  nested {{\n    # {SKIP}\n  }}\n"), True),
    ],
)
def test_the_block(source: str, inside: bool) -> None:
    comment = only(source)
    assert comment.block is not None
    assert (comment.block.type, comment.block.labels) == ("resource", ("aws_cloudwatch_log_group", "g"))
    assert comment.inside is inside
    header = source.split("\n").index(next(line for line in source.split("\n") if line.startswith(HEADER))) + 1
    assert comment.block.header == Location("main.tf", header, 1, header, 1 + len(HEADER))
    assert (comment.block.location.line, comment.block.location.column) == (header, 1)
    assert comment.block.location.end_line == len(source.rstrip().split("\n"))


@pytest.mark.parametrize(
    "source",
    [
        f"# {SKIP}\n\n" + block(""),
        block("") + f"# {SKIP}\n",
        block("").rstrip() + f" # {SKIP}\n",
        f"# {SKIP}\n# other\n\n" + block(""),
        f"# {SKIP}\n",
    ],
)
def test_no_block(source: str) -> None:
    comment = only(source)
    assert (comment.block, comment.inside, comment.attribute) == (None, False, None)


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (f'  name = "g" # {SKIP}\n', 2),
        (f'  /* {SKIP} */ name = "g"\n', 2),
        (f"  list = [\n    1, # {SKIP}\n  ]\n", 2),
        (f"  list = [\n    1,\n  ] # {SKIP}\n", 2),
        (f"  nested {{\n    size = 1 # {SKIP}\n  }}\n", 3),
        (f"  nested {{\n    # {SKIP}\n    size = 1\n  }}\n", 4),
        (f'  name = "g"\n  # {SKIP}\n  size = 1\n', 4),
        (f'  name = "g"\n  # {SKIP}\n  /* more\n  */\n  # other\n  size = 1\n', 7),
        (f'  name = "g" /*\n  {SKIP} */\n  size = 1\n', 2),
        (f'  # {SKIP}\n  name = "g"\n', None),
        (f'  # {SKIP}\n  # other\n  name = "g"\n', None),
        (f'  # other\n  # {SKIP}\n  name = "g"\n', None),
        (f'  name = "g"\n  # {SKIP}\n\n  size = 1\n', None),
        (f'  name = "g"\n  # {SKIP}\n  nested {{\n    size = 1\n  }}\n', None),
        (f'  name = "g"\n  # {SKIP}\n', None),
    ],
)
def test_the_attribute(body: str, line: int | None) -> None:
    comment = only(block(body))
    assert (comment.attribute.line if comment.attribute else None) == line


def test_more_than_the_bound_is_refused() -> None:
    source = block(f"  # {SKIP}\n" * MAX_COMMENTS)
    assert len(found(source)) == MAX_COMMENTS
    with pytest.raises(SourceError, match=rf"^main.tf:502:3: more than {MAX_COMMENTS} suppressing comments"):
        found(block(f"  # {SKIP}\n" * (MAX_COMMENTS + 1)))


def test_many_comments_of_others_cost_little() -> None:
    source = "# nothing\n" * 60_000 + f"# {SKIP}\n" * MAX_COMMENTS + block("")
    assert found(source)[0].block is not None
