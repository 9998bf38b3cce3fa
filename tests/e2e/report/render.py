"""The page: one HTML file that needs neither network nor script, in which everything that was recorded is text."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from routeproof.reporters.escape import escape, is_unsafe
from tests.e2e.report import drawing
from tests.e2e.report.model import Run
from tests.e2e.report.path import Paths

HERE = Path(__file__).parent
# Everything but what is written on paper and seen on every screen: may be harmless, may turn text around or hide it.
_UNUSUAL = re.compile(r"[^\n\t\x20-\x7e]")
_SECRETS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


def page(run: Run, paths: Paths) -> str:
    """The whole document. Its policy lets the browser use its own style sheet, by hash, and nothing else."""
    style = (HERE / "style.css").read_text()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=visible,
    )
    environment.filters |= {
        "duration": duration,
        "moment": moment,
        "anchor": anchor,
        "kind": lambda one: type(one).__name__,
    }
    environment.globals |= {"wide": drawing.wide, "narrow": drawing.narrow}
    template = environment.get_template("page.html")
    return template.render(run=run, paths=paths, policy=policy, style=Markup(style))


def visible(value: object) -> object:
    """Text in which every character that would drive a display, or hide, is written as an escape."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return _UNUSUAL.sub(lambda found: escape(found[0]) if is_unsafe(found[0]) else found[0], value)


def duration(seconds: float) -> str:
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    return f"{int(seconds + 0.5) // 60} min {int(seconds + 0.5) % 60} s"


def moment(when: datetime) -> str:
    return when.strftime("%Y-%m-%d %H:%M UTC")


def anchor(check_id: str) -> str:
    """A name for links to a check."""
    return f"check-{hashlib.sha256(check_id.encode(errors='replace')).hexdigest()[:12]}"


def without_secrets(page: str, account: str | None, environment: Mapping[str, str]) -> str:
    """The page of a run on AWS, with the end of the account's number alone, and without the shell's credentials.

    They are in what Terraform and AWS say, in ARNs above all, and so anywhere.
    """
    if account is None:
        return page
    for name in _SECRETS:
        if secret := environment.get(name):
            page = page.replace(secret, f"({name})")
    return page.replace(account, f"{'•' * (len(account) - 4)}{account[-4:]}")
