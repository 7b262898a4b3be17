# SPDX-License-Identifier: GPL-3.0-or-later
"""Which renderer shows which media type."""

from collections.abc import Callable, Mapping

from tuimail.model.rendered import Rendered

Params = Mapping[str, str]
Renderer = Callable[[str, int, Params], Rendered]
"""Text, columns and Content-Type parameters → lines."""

_NO_PARAMS: Params = {}


def render(content_type: str, text: str, *, width: int, params: Params = _NO_PARAMS) -> Rendered:
    """Render a decoded text part. Every other type than those of `RENDERERS` is shown as plain text. Never raises."""
    return RENDERERS.get(content_type.lower(), _plain)(text, width, params)


def editable(text: str, params: Params) -> tuple[str, bool]:
    """A decoded text/plain part to be written on, and whether that is all of it. Never raises."""
    from tuimail.render import plain

    return plain.editable(text, **_flow(params))


def _plain(text: str, _width: int, params: Params) -> Rendered:
    from tuimail.render.plain import render_plain

    return render_plain(text, **_flow(params))


def _flow(params: Params) -> dict[str, bool]:
    """``flowed`` and ``delsp`` (RFC 3676 §4)."""
    flowed = params.get("format", "").strip().lower() == "flowed"
    return {"flowed": flowed, "delsp": flowed and params.get("delsp", "").strip().lower() == "yes"}


def _html(text: str, width: int, _params: Params) -> Rendered:
    from tuimail.render.html import render_html

    return render_html(text, width=width)


def _calendar(text: str, _width: int, _params: Params) -> Rendered:
    from tuimail.render.calendar import render_calendar

    return render_calendar(text)


def _enriched(text: str, width: int, _params: Params) -> Rendered:
    from tuimail.render.enriched import to_html

    return _html(to_html(text), width, _params)


def _richtext(text: str, width: int, _params: Params) -> Rendered:
    from tuimail.render.enriched import to_html

    return _html(to_html(text, richtext=True), width, _params)


RENDERERS: Mapping[str, Renderer] = {
    "text/plain": _plain,
    "text/html": _html,
    "application/xhtml+xml": _html,
    "text/enriched": _enriched,
    "text/richtext": _richtext,
    "text/calendar": _calendar,
}
