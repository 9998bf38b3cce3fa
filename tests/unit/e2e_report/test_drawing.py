"""The request path as it is drawn: what `request_path` says, in boxes that do not stand on each other."""

from __future__ import annotations

import re
import shutil
from itertools import combinations
from pathlib import Path

import pytest

from routeproof.links import Status
from tests.browser.example import hostile_run
from tests.e2e.report import drawing, render
from tests.e2e.report.drawing import Box, Drawing
from tests.e2e.report.path import ROUTES, RoutePath, of_root
from tests.tools.environments import ROOT
from tests.unit.e2e_report.page import read

TWO_FUNCTIONS = """
resource "aws_apigatewayv2_authorizer" "guard" {
  api_id                            = aws_apigatewayv2_api.main.id
  name                              = "guard"
  authorizer_type                   = "REQUEST"
  authorizer_uri                    = aws_lambda_function.guard.invoke_arn
  authorizer_payload_format_version = "2.0"
}

resource "aws_lambda_function" "guard" {
  function_name = "guard"
  role          = aws_iam_role.hello.arn
  image_uri     = "123456789012.dkr.ecr.us-east-1.amazonaws.com/guard:1"
  package_type  = "Image"
}
"""


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the reference stack's root module, in a working directory of its own."""
    for name in ("terraform", "lambda"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path / "terraform"


def edit(file: Path, old: str, new: str) -> None:
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))


def only_route(stack: Path) -> RoutePath:
    (route,) = of_root(stack).routes
    return route


def test_the_reference_stack(stack: Path):
    assert [(stop.kind, stop.address, stop.status and stop.status.value) for stop in only_route(stack).stops] == [
        ("client", "", None),
        ("api", "aws_apigatewayv2_api.main", None),
        ("stage", "aws_apigatewayv2_stage.default", "proven"),
        ("access_log", "aws_cloudwatch_log_group.api", "proven"),
        ("output", "output.api_url", "proven"),
        ("route", "aws_apigatewayv2_route.hello", None),
        ("integration", "aws_apigatewayv2_integration.hello", "proven"),
        ("permission", "aws_lambda_permission.api", "proven"),
        ("function", "aws_lambda_function.hello", "proven"),
        ("handler", "lambda/hello/index.js#handler", "proven"),
        ("package", "data.archive_file.hello", "proven"),
        ("log_group", "aws_cloudwatch_log_group.hello", "proven"),
    ]
    assert of_root(stack).root == "terraform"


def test_each_arrow_leads_where_the_request_or_its_traces_go(stack: Path):
    found = drawing.wide(only_route(stack))
    assert arrows(found) == {
        ("client", "api"),
        ("api", "route"),
        ("route", "integration"),
        ("integration", "function"),
        ("route", "permission"),
        ("permission", "function"),
        ("function", "handler"),
        ("function", "package"),
        ("function", "log_group"),
        ("api", "stage"),
        ("stage", "access_log"),
        ("stage", "output"),
        ("output", "client"),
    }


def arrows(found: Drawing) -> set[tuple[str, str]]:
    """The kinds of the boxes at both ends of each line."""
    ends = set()
    for line in found.lines:
        points = list(corners(line.path))
        ends.add((at(found, *points[0]), at(found, *points[-1])))
    return ends


def corners(path: str) -> list[tuple[int, int]]:
    start = re.match(r"M(\d+) (\d+)", path)
    assert start, path
    x, y = int(start[1]), int(start[2])
    points = [(x, y)]
    for letter, number in re.findall(r"([HV])(\d+)", path):
        x, y = (int(number), y) if letter == "H" else (x, int(number))
        points.append((x, y))
    return points


def at(found: Drawing, x: int, y: int) -> str:
    """The kind of the box whose edge a point is on."""
    (kind,) = [
        box.stop.kind for box in found.boxes if box.x <= x <= box.x + box.width and box.y <= y <= box.y + box.height
    ]
    return kind


def test_a_broken_and_an_unproven_link(stack: Path):
    """Each in words, on the page as in the picture, and its arrow is drawn as such."""
    api, function = stack / "api.tf", stack / "function.tf"
    api.write_text(api.read_text().split("# Without this the stack deploys")[0])
    edit(function, '"index.handler"', "var.handler")
    (stack / "more.tf").write_text('variable "handler" {\n  type = string\n}\n')
    route = only_route(stack)
    status = {stop.kind: stop.status for stop in route.stops}
    assert (status["permission"], status["handler"]) == (Status.BROKEN, Status.UNPROVEN)
    assert [stop.address for stop in route.stops if stop.kind in ("permission", "handler")] == ["none", "undecided"]
    for found in (drawing.wide(route), drawing.narrow(route)):
        # To it and, from it, to the function that nobody may invoke.
        assert [line.status for line in found.lines].count(Status.BROKEN) == 2
        assert [line.status for line in found.lines].count(Status.UNPROVEN) == 1
        assert found.lines[-1].status is not Status.PROVEN
    document = read(render.page(hostile_run(), of_root(stack)))
    for picture in document.all("svg", role="img"):
        shown = {box.all("text")[0].text: box.all("text", class_="status") for box in picture.all("g")}
        assert [shown[name][0].text for name in ("Permission", "Handler", "Function")] == [
            "broken",
            "unproven",
            "proven",
        ]
        assert (shown["Client"], shown["Route"]) == ([], [])
        assert "Permission broken, Function proven, Handler unproven" in " ".join(picture.all("title")[0].text.split())
    (row,) = [row for row in document.all("tr") if row.all("th")[0].text == "Permission"]
    assert "no aws_lambda_permission lets aws_apigatewayv2_api.main invoke it" in row.text
    assert "terraform/api.tf:18" in row.text


def test_two_functions(stack: Path):
    edit(
        stack / "api.tf",
        'route_key = "GET /hello"',
        'route_key = "GET /hello"\n  authorizer_id = aws_apigatewayv2_authorizer.guard.id',
    )
    (stack / "guard.tf").write_text(TWO_FUNCTIONS)
    route = only_route(stack)
    assert [stop.title for stop in route.stops if stop.kind == "function"] == ["hello", "guard"]
    for found in (drawing.wide(route), drawing.narrow(route)):
        check_geometry(found)


@pytest.mark.parametrize("draw", [drawing.wide, drawing.narrow])
def test_geometry(stack: Path, draw: object):
    check_geometry(draw(only_route(stack)))


def check_geometry(found: Drawing) -> None:
    """Boxes stand apart and inside the picture, and lines stay inside it."""
    for one, other in combinations(found.boxes, 2):
        assert not overlap(one, other), (one.stop.name, other.stop.name)
    for box in found.boxes:
        assert box.x > 0
        assert box.y > 0
        assert box.x + box.width < found.width
        assert box.y + box.height < found.height
    for line in found.lines:
        assert all(0 <= x <= found.width and 0 <= y <= found.height for x, y in corners(line.path)), line


def overlap(one: Box, other: Box) -> bool:
    beside = one.x + one.width <= other.x or other.x + other.width <= one.x
    return not (beside or one.y + one.height <= other.y or other.y + other.height <= one.y)


def test_the_pictures_fit_their_places(stack: Path):
    """The narrow one on a phone 390 pixels wide, the wide one beside a margin on 1280."""
    route = only_route(stack)
    assert drawing.narrow(route).width <= 390 - 2 * 16 - 2 * 8
    assert drawing.wide(route).width <= 1280 - 2 * 20 - 2 * 19


def test_many_routes(stack: Path):
    route = """
resource "aws_apigatewayv2_route" "route_NUMBER" {
  api_id    = aws_apigatewayv2_api.main.id
  route_key = "GET /NUMBER"
  target    = "integrations/${aws_apigatewayv2_integration.hello.id}"
}
"""
    (stack / "routes.tf").write_text("".join(route.replace("NUMBER", str(number)) for number in range(20)))
    paths = of_root(stack)
    assert (len(paths.routes), paths.left_out, paths.problem) == (ROUTES, 21 - ROUTES, "")


def test_no_route(tmp_path: Path):
    (tmp_path / "main.tf").write_text('resource "aws_sqs_queue" "a" {}\n')
    assert of_root(tmp_path).problem == "it has no route of an HTTP API"
