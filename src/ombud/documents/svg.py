"""Vega-Lite to SVG that stands in a page: named, described, scaling, without scripts or outside references."""

import re
from html import escape
from typing import Any, Final

from markupsafe import Markup

from ombud.documents.words import clean

_TAG: Final = re.compile(r"<[a-z][^<>]*>")
_ROLE: Final = re.compile(r'\s(?:role|aria-roledescription)="[^"]*"')
_OPENING: Final = re.compile(r"<svg\b[^>]*\bviewBox=\"([\d. -]+)\"[^>]*>")


def drawing(spec: dict[str, Any], id: str, title: str, described: str, kind: str) -> Markup:
    """One chart as inline SVG.

    Args:
        spec: a Vega-Lite dictionary whose data is inside it.
        id: of the element; its title and description are `<id>-t` and `<id>-d`.
        title, described: what a screen reader says of it.
        kind: class of the element ("wide" or "narrow").
    """
    import vl_convert  # takes a second when first used, so only where there is something to draw

    drawn: str = vl_convert.vegalite_to_svg(spec)
    opening = _OPENING.search(drawn)
    assert opening is not None, "vl-convert gave no SVG"
    width = opening[1].split()[2]
    head = (
        f'<svg class="chart {kind}" role="img" aria-labelledby="{id}-t {id}-d" viewBox="{opening[1]}" '
        f'style="max-width:{width}px" xmlns="http://www.w3.org/2000/svg">'
        f'<title id="{id}-t">{escape(clean(title))}</title><desc id="{id}-d">{escape(clean(described))}</desc>'
    )
    body = _TAG.sub(_without_roles, drawn[opening.end() :].strip())
    return Markup(head + body)  # noqa: S704 (Vega escapes the data it draws; ours is escaped)


def _without_roles(tag: re.Match[str]) -> str:
    """A tag of the drawing without the roles that Vega gives its parts: the drawing is one picture, and described."""
    return _ROLE.sub("", tag[0])
