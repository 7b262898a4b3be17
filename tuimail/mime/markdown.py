# SPDX-License-Identifier: GPL-3.0-or-later
"""Markdown of the composer to an HTML alternative: styles inline, nothing remote, raw HTML shown as text."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it.token import Token

_FONT = "font-family:system-ui,-apple-system,Segoe UI,Helvetica,Arial,sans-serif;font-size:15px;line-height:1.5"
_STYLES = {
    "blockquote_open": "margin:0 0 0 .4em;padding-left:.8em;border-left:2px solid #999;color:#555",
    "code_inline": "font-family:monospace;background:#f2f2f2;padding:0 .2em",
    "code_block": "font-family:monospace;background:#f2f2f2;padding:.6em;overflow:auto",
    "fence": "font-family:monospace;background:#f2f2f2;padding:.6em;overflow:auto",
    "table_open": "border-collapse:collapse",
    "th_open": "border:1px solid #999;padding:.2em .6em",
    "td_open": "border:1px solid #999;padding:.2em .6em",
    "hr": "border:0;border-top:1px solid #999",
}


def to_html(markdown: str) -> str:
    """A complete HTML document of the text (CommonMark with tables and strike-through). Pictures become links to them."""
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
    tokens = reader.parse(markdown)
    for token in tokens:
        _style(token)
        if token.children:
            token.children = _without_images(token.children)
            for child in token.children:
                _style(child)
    body = reader.renderer.render(tokens, reader.options, {})
    return f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"></head><body style="{_FONT}">\n{body}</body></html>\n'


def _style(token: "Token") -> None:
    style = _STYLES.get(token.type)
    if style:
        own = token.attrGet("style")
        token.attrSet("style", f"{style};{own}" if own else style)


def _without_images(tokens: "list[Token]") -> "list[Token]":
    """A picture would be fetched from somewhere when the message is read: its text becomes a link instead."""
    from markdown_it.token import Token

    kept: list[Token] = []
    for token in tokens:
        if token.type != "image":
            kept.append(token)
            continue
        target = str(token.attrGet("src") or "")
        kept.append(Token("link_open", "a", 1, attrs={"href": target}))
        kept.append(Token("text", "", 0, content=token.content or target))
        kept.append(Token("link_close", "a", -1))
    return kept
