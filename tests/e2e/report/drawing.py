"""Where the stops of a request path stand in a picture: a wide one in columns, and a narrow one for a phone.

Lengths are in the units of the picture, which are CSS pixels where it is shown in its own size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from routeproof.links import Status
from tests.e2e.report.path import RoutePath, Stop

# The columns of the wide picture, from the client to what the function is made of.
COLUMNS = (
    ("client", "output"),
    ("api", "stage", "access_log"),
    ("route",),
    ("integration", "permission"),
    ("function",),
    ("handler", "package", "log_group"),
)
WIDTH, HEIGHT = 166, 76
GAP, ROW_GAP = 30, 24
EDGE = 2  # room for the outlines

NARROW = 340
NARROW_HEIGHT, NARROW_GAP = 52, 10
INDENT = 22
# How far to the right a stop stands in the narrow picture: the request itself goes along the left.
DEPTH = {"stage": 1, "handler": 1, "package": 1, "log_group": 1, "access_log": 2, "output": 2}


@dataclass(frozen=True)
class Box:
    stop: Stop
    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> int:
        return self.y + self.height // 2

    @property
    def center(self) -> int:
        return self.x + self.width // 2


@dataclass(frozen=True)
class Line:
    """An arrow along `path`, written as SVG has it; `status` is that of the link."""

    path: str
    status: Status | None


@dataclass(frozen=True)
class Drawing:
    width: int
    height: int
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


def wide(route: RoutePath) -> Drawing:
    boxes: dict[str, Box] = {}
    for column, kinds in enumerate(COLUMNS):
        stops = [stop for stop in route.stops if stop.kind in kinds]
        for row, stop in enumerate(stops):
            x, y = EDGE + column * (WIDTH + GAP), EDGE + row * (HEIGHT + ROW_GAP)
            boxes[stop.name] = Box(stop, x, y, WIDTH, HEIGHT)
    bottom = max(box.y + box.height for box in boxes.values())
    width = len(COLUMNS) * (WIDTH + GAP) - GAP + 2 * EDGE
    before = {name: box.stop.before for name, box in boxes.items()}
    return Drawing(width, bottom + EDGE, tuple(boxes.values()), _lines(boxes, before, _across))


def narrow(route: RoutePath) -> Drawing:
    boxes: dict[str, Box] = {}
    y = EDGE
    for stop in route.stops:
        x = EDGE + INDENT * (1 + DEPTH.get(stop.kind, 0))
        boxes[stop.name] = Box(stop, x, y, NARROW - x - EDGE, NARROW_HEIGHT)
        y += NARROW_HEIGHT + NARROW_GAP
    # The request passes one stop after another, the permission between the integration and the function.
    passed = [stop.name for stop in route.stops if stop.kind not in DEPTH]
    before = {name: stop.before for name, box in boxes.items() if (stop := box.stop).kind in DEPTH}
    before |= {name: (earlier,) for earlier, name in pairwise(passed)}
    return Drawing(NARROW, y - NARROW_GAP + EDGE, tuple(boxes.values()), _lines(boxes, before, _down))


def _lines(
    boxes: Mapping[str, Box], before: Mapping[str, Iterable[str]], draw: Callable[[Box, Box], str]
) -> tuple[Line, ...]:
    """The arrows of what holds come first, so that no other is hidden below them."""
    found = []
    for name, names in before.items():
        for earlier in (one for one in names if one in boxes):
            # What comes of a permission is its own status; the function's is that of the integration's link.
            through, to = boxes[earlier].stop, boxes[name].stop
            status = through.status if through.kind == "permission" else to.status
            found.append(Line(draw(boxes[earlier], boxes[name]), status))
    return tuple(sorted(found, key=lambda line: line.status not in (None, Status.PROVEN)))


def _across(start: Box, to: Box) -> str:
    """From box to box in the wide picture, around what stands between them."""
    right, bottom = start.x + start.width, start.y + start.height
    if start.x == to.x:
        return f"M{start.center} {bottom}V{to.y}" if to.y > start.y else f"M{start.center} {start.y}V{to.y + to.height}"
    if to.x < start.x:
        return f"M{start.x} {start.middle}H{to.x + to.width}"
    if start.middle == to.middle:
        return f"M{right} {start.middle}H{to.x}"
    if start.stop.kind == "permission":
        return f"M{right} {start.middle}H{to.center}V{to.y + to.height}"
    if to.stop.kind == "permission":
        return f"M{start.center} {bottom}V{to.middle}H{to.x}"
    turn = to.x - GAP // 2
    return f"M{right} {start.middle}H{turn}V{to.middle}H{to.x}"


def _down(start: Box, to: Box) -> str:
    """Down along the left side of the narrow picture, on from where the arrow to `start` has turned."""
    if start.x == to.x:
        spine = start.x - INDENT // 2
        begin = f"M{start.x} {start.middle}H{spine}" if start.y == EDGE else f"M{spine} {start.middle}"
        return f"{begin}V{to.middle}H{to.x}"
    return f"M{start.x + INDENT // 2} {start.y + start.height}V{to.middle}H{to.x}"
