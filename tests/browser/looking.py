"""What is wrong with a page, as a browser sees it: at one width, and in one colour scheme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

HERE = Path(__file__).parent
WIDTHS = (390, 1280)
SCHEMES = ("light", "dark")
HEIGHT = 900
TALLEST = 15_000  # Chromium draws no picture that is much taller


@dataclass(frozen=True)
class View:
    """A page as it is looked at; `name` is what its screenshot is called."""

    name: str
    file: Path
    width: int
    scheme: str

    @property
    def screenshot(self) -> str:
        return f"{self.name}-{self.width}-{self.scheme}.png"


@dataclass(frozen=True)
class Finding:
    """`check` is one of CHECKS, `message` what it saw."""

    check: str
    message: str


# Each is a function of page.js without arguments, whose result is a list of what is wrong.
_IN_PAGE = ("active", "policy", "overflow", "contrast", "structure")
CHECKS = ("request", "console", "text", *_IN_PAGE)


def look(browser: Browser, view: View, screenshots: Path, *, texts: Sequence[str] = ()) -> list[Finding]:
    """Takes the screenshot; then unfolds everything, and looks at that too and as it is printed.

    `texts` are to be there, as text.
    """
    context = browser.new_context(
        viewport={"width": view.width, "height": HEIGHT}, color_scheme=view.scheme, service_workers="block"
    )
    try:
        return _look(context.new_page(), view, screenshots, texts)
    finally:
        context.close()


def _look(page: Page, view: View, screenshots: Path, texts: Sequence[str]) -> list[Finding]:
    found: list[Finding] = []
    url = view.file.resolve().as_uri()

    def intercept(route: Route) -> None:
        if route.request.url.partition("#")[0] == url:
            route.continue_()
        else:
            found.append(Finding("request", route.request.url))
            route.abort()

    page.route("**/*", intercept)
    page.on("console", lambda said: found.append(Finding("console", said.text)) if said.type == "error" else None)
    page.on("pageerror", lambda error: found.append(Finding("console", str(error))))
    page.goto(url, wait_until="networkidle")
    height = min(TALLEST, page.evaluate("document.documentElement.scrollHeight"))
    clip = {"x": 0, "y": 0, "width": view.width, "height": height}
    page.screenshot(path=screenshots / view.screenshot, full_page=True, clip=clip)
    found += _in_page(page)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    shown = page.evaluate("document.body.textContent")
    found += [Finding("text", f"is not shown: {text}") for text in texts if text not in shown]
    found += _in_page(page)
    page.emulate_media(media="print", color_scheme=view.scheme)
    return list(dict.fromkeys([*found, *_in_page(page)]))


def _in_page(page: Page) -> list[Finding]:
    answers: dict[str, list[Any]] = page.evaluate((HERE / "page.js").read_text())
    return [Finding(check, str(message)) for check in _IN_PAGE for message in answers[check]]
