# SPDX-License-Identifier: GPL-3.0-or-later
"""What an element passes on to the text in it, and what kind of element it is."""

from dataclasses import replace

from tuimail.model.rendered import Style
from tuimail.render import css
from tuimail.render.dom import Element
from tuimail.render.flow import Anchor, Context
from tuimail.render.links import safe_target

_STYLES = {
    "b": Style.STRONG,
    "strong": Style.STRONG,
    "th": Style.STRONG,
    "dt": Style.STRONG,
    "i": Style.EMPHASIS,
    "em": Style.EMPHASIS,
    "cite": Style.EMPHASIS,
    "dfn": Style.EMPHASIS,
    "var": Style.EMPHASIS,
    "u": Style.UNDERLINE,
    "ins": Style.UNDERLINE,
    "s": Style.STRIKE,
    "del": Style.STRIKE,
    "strike": Style.STRIKE,
    "code": Style.CODE,
    "kbd": Style.CODE,
    "samp": Style.CODE,
    "tt": Style.CODE,
    "pre": Style.CODE,
    "h1": Style.HEADING,
    "h2": Style.HEADING,
    "h3": Style.HEADING,
    "h4": Style.HEADING,
    "h5": Style.HEADING,
    "h6": Style.HEADING,
}
_CLASS_STYLES = {"gmail_attr": Style.MUTED, "moz-cite-prefix": Style.MUTED, "yahoo_quoted_attr": Style.MUTED}
_SIGNATURES = frozenset(("gmail_signature", "moz-signature"))
_BLOCK_TAGS = (
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure footer "
    "form h1 h2 h3 h4 h5 h6 header hgroup html legend li main menu nav ol p pre section summary table tbody td tfoot th "
    "thead tr ul"
)
_BLOCKS = frozenset(_BLOCK_TAGS.split())
_TABLE_TAGS = frozenset(("table", "tbody", "thead", "tfoot", "tr", "td", "th"))
_BLOCK_DISPLAYS = frozenset(("block", "flex", "grid", "list-item", "table", "table-row", "flow-root"))
_INLINE_DISPLAYS = frozenset(("inline", "inline-block", "inline-flex", "contents"))
_SMALLEST_SEEN = 1.5
_HEADING_FROM = 20.0
_LONGEST_BUTTON = 60


def is_block(element: Element) -> bool:
    """Whether the element begins on a line of its own."""
    display = element.style.get("display", "")
    if display in _BLOCK_DISPLAYS:
        return True
    if display in _INLINE_DISPLAYS and element.tag not in _TABLE_TAGS:
        return False
    return element.tag in _BLOCKS


def inherit(context: Context, element: Element) -> Context:
    """What text in the element inherits."""
    style = element.style
    if element.tag in ("sup", "sub"):
        context = replace(context, script=element.tag)
    added = [_STYLES[element.tag]] if element.tag in _STYLES else []
    for name in element.attributes.get("class", "").split()[:20]:
        if name in _CLASS_STYLES:
            added.append(_CLASS_STYLES[name])
        if name in _SIGNATURES:
            context = replace(context, signature=True)
            added.append(Style.SIGNATURE)
    if style:
        added.extend(_styles_of(style))
        context = _sized(context, style)
    if element.tag in ("pre", "textarea") or style.get("white-space") in ("pre", "pre-wrap", "break-spaces"):
        context = replace(context, preformatted=True)
    return context.styled(*added) if added else context


def _styles_of(style: css.Declarations) -> list[Style]:
    added = []
    weight = style.get("font-weight", "")
    if weight in ("bold", "bolder", "600", "700", "800", "900"):
        added.append(Style.STRONG)
    if style.get("font-style") in ("italic", "oblique"):
        added.append(Style.EMPHASIS)
    if "line-through" in style.get("text-decoration", "") + style.get("text-decoration-line", ""):
        added.append(Style.STRIKE)
    return added


def _sized(context: Context, style: css.Declarations) -> Context:
    """Font size and visibility, which children may set again."""
    invisible = context.invisible
    if "font-size" in style:
        font = css.font_size(style["font-size"], context.font)
        if font != context.font:
            context = replace(context, font=font)
        if font >= _HEADING_FROM:
            context = context.styled(Style.HEADING)
        elif Style.HEADING in context.styles:
            context = replace(context, styles=tuple(kept for kept in context.styles if kept is not Style.HEADING))
        invisible = font <= _SMALLEST_SEEN or (invisible and context.hidden_by_visibility)
    if "visibility" in style:
        hidden = style["visibility"] in ("hidden", "collapse")
        context = replace(context, hidden_by_visibility=hidden)
        invisible = hidden or context.font <= _SMALLEST_SEEN
    return context if invisible == context.invisible else replace(context, invisible=invisible)


def anchor_of(element: Element) -> Anchor | None:
    """The hyperlink of an ``a``; None where it leads nowhere that may be opened."""
    target = safe_target(element.attributes.get("href", ""))
    return Anchor(target) if target else None


def is_button(element: Element) -> bool:
    """Whether a link is drawn as a button: it has a background or border and padding, and a short label of text only."""
    names = element.attributes.get("class", "").lower()
    style = element.style
    bordered = "border" in style and not style["border"].startswith(("0", "none"))
    drawn = (css.painted(style) or bordered) and ("padding" in style or bordered or "border-radius" in style)
    if not drawn and not any(word in names for word in ("button", "btn")):
        return False
    label = 0
    for node in element.walk(limit=30):
        if isinstance(node, str):
            label += len(node.strip())
        elif node.tag in ("img", "table"):
            return False
    return 0 < label <= _LONGEST_BUTTON
