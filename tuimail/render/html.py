# SPDX-License-Identifier: GPL-3.0-or-later
"""text/html: what a browser would show, as lines. Hidden text is left out, layout tables are unrolled, nothing is fetched."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tuimail.model.rendered import TOO_LONG, Line, Link, Rendered, Style
from tuimail.render import css
from tuimail.render.context import anchor_of, inherit, is_block, is_button
from tuimail.render.dom import Element, parse
from tuimail.render.flow import Anchor, Context, Flow
from tuimail.render.flowed import MAX_QUOTE
from tuimail.render.images import Images
from tuimail.render.links import MAX_LINKS, make_link
from tuimail.render.numbering import markers
from tuimail.render.scripts import small
from tuimail.render.table import MAX_COLUMNS, MAX_ROWS, Cell, lay_out, spanned

MAX_TABLE_DEPTH = 6
"""Tables inside tables that may stand side by side; deeper ones are stacked."""
MAX_INDENT = 24
"""Columns of nested lists."""

_PARAGRAPHS = frozenset(("p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "dl", "figure", "fieldset"))
_ROW_GROUPS = frozenset(("thead", "tbody", "tfoot"))
_MJML_SHARE = re.compile(r"\bmj-column-per-(\d{1,2})\b")
_RULE = "─" * 24

Leave = Callable[[], None]
Nodes = list[Element | str]


@dataclass(slots=True)
class _Message:
    """What all parts of one body share."""

    width: int
    anchors: list[Anchor] = field(default_factory=list)
    images: Images = field(default_factory=Images)
    laid_out: bool = False
    """A table was laid out for ``width``."""


def render_html(html: str, *, width: int) -> Rendered:
    """An HTML body, its tables laid out for ``width`` columns. Never raises, whatever the HTML."""
    page = parse(html)
    message = _Message(max(width, 20))
    flow = Flow(message.anchors)
    _Walk(message, flow, MAX_TABLE_DEPTH).run(page.root.children, Context())
    flow.end_line()
    return Rendered(
        tuple(flow.lines),
        tuple(_link(anchor) for anchor in message.anchors),
        blocked_images=message.images.blocked,
        trackers=message.images.trackers,
        warnings=(TOO_LONG,) if page.truncated else (),
        width=message.width if message.laid_out else None,
        cut=page.truncated,
    )


def _link(anchor: Anchor) -> Link:
    return make_link(" ".join(anchor.text.split()), anchor.target)


class _Walk:
    """One walk over siblings and everything below them, without recursion but for the cells of tables side by side."""

    def __init__(self, message: _Message, flow: Flow, tables_left: int) -> None:
        self._message = message
        self._flow = flow
        self._tables_left = tables_left
        self._stack: list[tuple[Element | str, Context] | Leave] = []

    def run(self, nodes: Nodes, context: Context) -> None:
        """Walk ``nodes`` in document order."""
        self._push(nodes, context)
        while self._stack:
            entry = self._stack.pop()
            if not isinstance(entry, tuple):
                entry()
                continue
            node, inherited = entry
            if isinstance(node, str):
                if not inherited.invisible:
                    self._flow.add(small(node, inherited.script) if inherited.script else node, inherited)
            else:
                self._enter(node, inherited)

    def _push(self, nodes: Nodes, context: Context) -> None:
        self._stack.extend((node, context) for node in reversed(nodes))

    def _enter(self, element: Element, inherited: Context) -> None:
        images = self._message.images
        if element.tag == "img":
            self._image(element, inherited)
        elif "hidden" in element.attributes or css.hides(element.style):
            images.skip(element)
        elif element.tag == "br":
            self._flow.line_break()
        elif element.tag == "hr":
            self._rule(inherited)
        elif element.tag in ("input", "button"):
            self._form_button(element, inherited)
        else:
            context = inherit(inherited, element)
            if is_block(element):
                self._block(element, inherited, context)
            else:
                self._inline(element, context)

    def _image(self, element: Element, context: Context) -> None:
        text = self._message.images.text(element, linked=context.anchor is not None)
        if text and not context.invisible:
            self._flow.add(text, context.styled(Style.IMAGE))

    def _rule(self, context: Context) -> None:
        self._flow.block(gap=True)
        self._flow.add(_RULE, replace(context, preformatted=True).styled(Style.MUTED))
        self._flow.block(gap=True)

    def _form_button(self, element: Element, context: Context) -> None:
        if element.tag == "button":
            self._stack.append(lambda: self._flow.add(" ] ", context))
            self._push(element.children, context.styled(Style.BUTTON))
            self._flow.add(" [ ", context)
        elif element.attributes.get("type", "").lower() in ("submit", "button", "reset"):
            self._flow.add(f" [ {element.attributes.get('value') or 'Submit'} ] ", context.styled(Style.BUTTON))

    def _inline(self, element: Element, context: Context) -> None:
        if element.tag == "a":
            context = self._linked(element, context)
        elif element.tag == "q":
            self._flow.add("“", context)
            self._stack.append(lambda: self._flow.add("”", context))
        elif element.style.get("display") == "inline-block":
            self._flow.add(" ", context)
            self._stack.append(lambda: self._flow.add(" ", context))
        self._push(element.children, context)

    def _linked(self, element: Element, context: Context) -> Context:
        anchor = anchor_of(element) if len(self._message.anchors) < MAX_LINKS else None
        if anchor is None:
            return context
        context = replace(context, anchor=anchor)
        if is_button(element):
            context = context.styled(Style.BUTTON)
            self._flow.add(" [ ", replace(context, anchor=None))
            self._stack.append(lambda: self._flow.add(" ] ", replace(context, anchor=None)))
        return context

    def _block(self, element: Element, inherited: Context, context: Context) -> None:
        flow = self._flow
        top, bottom = self._gaps(element, inherited, context)
        flow.block(gap=top)
        self._stack.append(lambda: flow.block(gap=bottom))
        match element.tag:
            case "table":
                self._table(element, context)
            case "a":
                self._push(element.children, self._linked(element, context))
            case "ul" | "ol":
                self._list(element, context)
            case "blockquote":
                self._push(element.children, replace(context, quote=min(context.quote + 1, MAX_QUOTE)))
            case "dd":
                self._push(element.children, replace(context, indent=min(context.indent + 2, MAX_INDENT)))
            case "td" | "th" if not element.children and (css.pixels(element.attributes.get("height", "")) or 0) >= css.PAUSE:
                flow.block(gap=True)
            case _:
                if not self._side_by_side(element, context):
                    self._push(element.children, context)

    def _gaps(self, element: Element, inherited: Context, context: Context) -> tuple[bool, bool]:
        """Whether empty lines stand before and after a block."""
        usual = element.tag in _PARAGRAPHS or (element.tag in ("ul", "ol") and not inherited.indent)
        top, bottom = css.pauses(element.style, "top"), css.pauses(element.style, "bottom")
        apart = any(style in context.styles and style not in inherited.styles for style in (Style.HEADING, Style.MUTED))
        return (usual if top is None else top) or apart, usual if bottom is None else bottom

    def _list(self, element: Element, context: Context) -> None:
        items = [child for child in element.children if isinstance(child, Element)]
        ordered = element.tag == "ol"
        signs = markers(element, items) if ordered else ["• " if child.tag == "li" else "" for child in items]
        inner = replace(context, indent=min(context.indent + max((2, *map(len, signs))), MAX_INDENT))
        steps: list[tuple[Element | str, Context] | Leave] = []
        for item, sign in zip(items, signs, strict=True):
            if sign and not css.hides(item.style):
                steps.append(_marker_step(self._flow, sign))
            steps.append((item, inner))
        steps.append(_marker_step(self._flow, ""))
        self._stack.extend(reversed(steps))

    def _table(self, element: Element, context: Context) -> None:
        rows = [row for row in _rows(element) if row]
        if self._tables_left and any(len(row) > 1 for row in rows):
            for caption in element.children:
                if isinstance(caption, Element) and caption.tag == "caption":
                    self._cell_flow(caption, context, into=self._flow)
            self._grid(rows, context)
        else:
            self._push(element.children, context)

    def _grid(self, rows: list[list[Element]], context: Context, shares: tuple[int, ...] = ()) -> None:
        """Render every cell, then place them side by side or, where that reads badly, one below the other."""
        flows = [[(cell, self._cell_flow(cell, context)) for cell in row if not css.hides(cell.style)] for row in rows]
        cells = spanned([[_cell(cell, flow) for cell, flow in row] for row in flows])
        lines = lay_out(cells, self._message.width - context.indent - context.quote * 2, context.quote, shares)
        if lines is None:
            for row in flows:
                for cell, flow in row:
                    self._flow.block(gap=bool(css.pauses(cell.style, "top")))
                    self._flow.extend(flow, context)
                    self._flow.block(gap=bool(css.pauses(cell.style, "bottom")))
            return
        self._message.laid_out = True
        self._flow.block(gap=len(rows) > 1)
        self._place(lines, context)
        self._flow.block(gap=len(rows) > 1)

    def _place(self, lines: list[Line], context: Context) -> None:
        grid = Flow(self._message.anchors)
        grid.lines = lines
        self._flow.extend(grid, context)

    def _cell_flow(self, cell: Element, context: Context, into: Flow | None = None) -> Flow:
        flow = into or Flow(self._message.anchors)
        inner = inherit(replace(context, indent=0), cell)
        _Walk(self._message, flow, self._tables_left - 1).run(cell.children, inner)
        flow.end_line()
        return flow

    def _side_by_side(self, element: Element, context: Context) -> bool:
        """Columns made of inline blocks or floats rather than of a table: in one row where they are short."""
        columns = [child for child in element.children if isinstance(child, Element) or child.strip()]
        if not self._tables_left or not 2 <= len(columns) <= 6:
            return False
        cells = [child for child in columns if isinstance(child, Element) and _is_column(child)]
        if len(cells) < len(columns):
            return False
        self._grid([cells], context, tuple(_share(cell) for cell in cells))
        return True


def _marker_step(flow: Flow, marker: str) -> Leave:
    return lambda: flow.marker(marker)


def _is_column(element: Element) -> bool:
    if element.tag not in ("div", "table", "td", "section"):
        return False
    style = element.style
    return (
        style.get("display") in ("inline-block", "table-cell", "inline-table")
        or style.get("float") in ("left", "right")
        or (element.tag == "table" and element.attributes.get("align", "").lower() in ("left", "right"))
    )


def _share(column: Element) -> int:
    """The percentage of the width that MJML's class for a column names; 0 where there is none."""
    found = _MJML_SHARE.search(column.attributes.get("class", ""))
    return int(found[1]) if found else 0


def _rows(table: Element) -> list[list[Element]]:
    """The cells of each row, row groups opened."""
    groups = [child for child in table.children if isinstance(child, Element) and not css.hides(child.style)]
    rows = [row for child in groups for row in (child.children if child.tag in _ROW_GROUPS else [child])]
    return [
        [cell for cell in row.children if isinstance(cell, Element) and cell.tag in ("td", "th")]
        for row in rows
        if isinstance(row, Element) and row.tag == "tr" and not css.hides(row.style)
    ]


def _span(element: Element, name: str, most: int) -> int:
    span = element.attributes.get(name, "")
    return max(1, min(int(span), most)) if span.isdecimal() and len(span) < 7 else 1


def _cell(element: Element, flow: Flow) -> Cell:
    right = element.attributes.get("align", "").lower() == "right" or element.style.get("text-align") in ("right", "end")
    return Cell(
        tuple(flow.lines),
        columns=_span(element, "colspan", MAX_COLUMNS),
        rows=_span(element, "rowspan", MAX_ROWS),
        header=element.tag == "th",
        right=right,
    )
