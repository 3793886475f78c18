"""Pages from templates: self-contained, offline, everything in them escaped."""

from __future__ import annotations

import base64
import hashlib
import math
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from flight.plan_page.number_format import NumberFormat, coordinates_text
from flight.plan_page.plus_code import plus_code
from flight.plan_page.texts import texts_in


def render(template: str, language: str, style: str, script: str = "", **values: object) -> str:
    """A page in a language; `style` and `script` are names of files beside the template, put inside it.

    Raises PantauError when pages are not written in the language.
    """
    texts = texts_in(language)
    code = _file(script) if script else ""
    return (
        _environment()
        .get_template(template)
        .render(
            language=language,
            t=texts,
            n=NumberFormat(texts),
            coordinates=coordinates_text,
            plus_code=plus_code,
            style=Markup(_file(style)),
            script=Markup(code),
            script_policy=_policy(code),
            **values,
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("flight.plan_page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["infinity"] = math.inf
    return environment


def _file(name: str) -> str:
    return files("flight.plan_page").joinpath("templates", name).read_text(encoding="utf-8")


def _policy(script: str) -> str:
    """The scripts that the page's content security policy allows: this one by its hash, or none."""
    if not script:
        return "'none'"
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode('utf-8')).digest()).decode('ascii')}'"
