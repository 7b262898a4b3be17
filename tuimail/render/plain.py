# SPDX-License-Identifier: GPL-3.0-or-later
"""text/plain: quotations, signature and links."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from tuimail.model.rendered import MAX_LINES, MAX_TEXT, TOO_LONG, Line, Link, Rendered, Span, Style
from tuimail.model.text import safe_text
from tuimail.render.flowed import Paragraph, fixed, flowed
from tuimail.render.links import MAX_LINKS, find_links, make_link

_ITEM = re.compile(r" *(?:[-*•+–]|\d{1,3}[.)]) +(?=\S)")
_SEPARATOR = re.compile(r"-{2,} ?[\w ]{3,60} ?-{2,}|_{20,}")
_ATTRIBUTION_END = re.compile(r"[:：]\s*$")
_MAX_ATTRIBUTION = 300


def render_plain(text: str, *, flowed: bool = False, delsp: bool = False) -> Rendered:
    """A plain text body. ``flowed`` and ``delsp`` are its Content-Type's parameters (RFC 3676)."""
    safe = safe_text(text, limit=MAX_TEXT)
    shown = "\n".join(safe.split("\n", MAX_LINES)[:MAX_LINES])
    cut = len(text) > MAX_TEXT or len(shown) < len(safe)
    paragraphs = _paragraphs(shown, is_flowed=flowed, delsp=delsp)
    muted = _attributions(paragraphs)
    signatures = _signatures(paragraphs, muted)
    links: list[Link] = []
    lines = []
    for index, paragraph in enumerate(paragraphs):
        signature = index in signatures
        lines.append(_line(paragraph, links, muted=index in muted, signature=signature))
    while lines and not lines[-1].text and not lines[-1].quote:
        lines.pop()
    return Rendered(tuple(lines), tuple(links), warnings=(TOO_LONG,) if cut else (), cut=cut)


def editable(text: str, *, flowed: bool = False, delsp: bool = False) -> tuple[str, bool]:
    """A plain text to be written on, and whether that is all: as `render_plain`, with its signature's mark."""
    lines = safe_text(text, limit=MAX_TEXT).split("\n", MAX_LINES)
    paragraphs = _paragraphs("\n".join(lines[:MAX_LINES]), is_flowed=flowed, delsp=delsp)
    written = "\n".join(
        "> " * paragraph.quote + paragraph.text if paragraph.text else ">" * paragraph.quote for paragraph in paragraphs
    )
    return written.rstrip("\n"), len(text) <= MAX_TEXT and len(lines) <= MAX_LINES


def _paragraphs(text: str, *, is_flowed: bool, delsp: bool) -> list[Paragraph]:
    return list(flowed(text, delsp=delsp) if is_flowed else fixed(text))


def _line(paragraph: Paragraph, links: list[Link], *, muted: bool, signature: bool) -> Line:
    text = paragraph.text.rstrip(" ")
    spans: list[Span] = []
    if text and (muted or signature):
        spans.append(Span(0, len(text), Style.SIGNATURE if signature else Style.MUTED))
    spans.extend(link_spans(text, links))
    item = _ITEM.match(text)
    line = Line(text, tuple(spans), paragraph.quote, signature=signature)
    return replace(line, indent=item.end()) if item else line


def link_spans(text: str, links: list[Link]) -> list[Span]:
    """The links in a line of text; each is added to ``links``."""
    spans = []
    for start, end, target in islice(find_links(text), MAX_LINKS - len(links)):
        spans.append(Span(start, end, Style.LINK, len(links)))
        links.append(make_link(text[start:end], target))
    return spans


def _attributions(paragraphs: Sequence[Paragraph]) -> frozenset[int]:
    """Lines that only say whose words follow: "On Monday Ada wrote:" before a deeper quotation, "--- Original Message ---"."""
    found = set()
    below: Paragraph | None = None
    for index in range(len(paragraphs) - 1, -1, -1):
        paragraph = paragraphs[index]
        if not paragraph.text.strip():
            continue
        if below is not None and below.quote > paragraph.quote and _ends_like_attribution(paragraph):
            found.add(index)
            above = paragraphs[index - 1] if index else None
            if above and above.quote == paragraph.quote and _continues(above.text, paragraph.text):
                found.add(index - 1)
        elif _SEPARATOR.fullmatch(paragraph.text.strip()):
            found.add(index)
        below = paragraph
    return frozenset(found)


def _ends_like_attribution(paragraph: Paragraph) -> bool:
    return len(paragraph.text) <= _MAX_ATTRIBUTION and bool(_ATTRIBUTION_END.search(paragraph.text))


def _continues(above: str, text: str) -> bool:
    """Whether an attribution was broken into two lines: the upper one is long and is no sentence of its own."""
    return 50 <= len(above) <= _MAX_ATTRIBUTION and len(text) < 60 and above.rstrip()[-1:] not in ".!?:"


def _signatures(paragraphs: Sequence[Paragraph], muted: frozenset[int]) -> frozenset[int]:
    """Lines from ``-- `` to the end, to another depth of quotation, or to an attribution."""
    found: list[int] = []
    depth: int | None = None
    last = len(paragraphs) - 1
    for index, paragraph in enumerate(paragraphs):
        if paragraph.text == "-- " or (paragraph.text == "--" and last - index <= 10):
            depth = paragraph.quote
        elif paragraph.quote != depth or index in muted:
            depth = None
        if depth is not None:
            found.append(index)
    return frozenset(found)
