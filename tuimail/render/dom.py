# SPDX-License-Identifier: GPL-3.0-or-later
"""HTML source → a small tree with the styles that matter. The only file that knows the parser.

Nothing here recurses, and every loop is bounded by `MAX_NODES`, `MAX_RULES` or the length of the source.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import turbohtml
from turbohtml.cssom import StyleSheet

from tuimail.model.rendered import MAX_LINES, MAX_TEXT
from tuimail.render.css import RELEVANT, Declarations, inline_declarations, normal

MAX_SOURCE = 10_000_000
"""Characters of HTML that are parsed."""
MAX_NODES = 50_000
"""Elements and stretches of text that are kept: five times what the longest newsletters have."""
MAX_DEPTH = 200
"""Elements inside elements; of what is nested deeper only the text is kept, in the innermost element that is. Honest mail has
up to some hundred."""
MAX_RULES = 3000
"""Rules of style sheets that are applied."""
MAX_SELECTOR = 1000
"""Characters of a selector: the parser needs several hundred octets for each."""
MAX_VISITS = 40_000_000
"""Elements compared with selectors, over all rules."""
MAX_MATCHES = 1_000_000
"""Elements that rules apply to, over all rules."""

_UNSEEN_ELEMENTS = (
    "applet area audio base canvas col colgroup datalist embed frame frameset head iframe link math meta noembed noframes "
    "object param script select source style svg template title track video"
)
_DROPPED = frozenset(_UNSEEN_ELEMENTS.split())
_ATTRIBUTE_NAMES = "style class href src alt width height align bgcolor colspan rowspan hidden start value type reversed border"
_ATTRIBUTES = _ATTRIBUTE_NAMES.split()
# Pseudo-classes describe states that mail has not, and ``~`` compares every pair of siblings.
_UNUSABLE = re.compile("[:~]")
_TAG_IN_SELECTOR = re.compile(r"(?:^|[\s>+])[a-zA-Z]")


@dataclass(slots=True, eq=False)
class Element:
    """An element with what rendering needs of it."""

    tag: str
    attributes: dict[str, str]
    style: Declarations
    children: list["Element | str"] = field(default_factory=list)

    def walk(self, limit: int = MAX_NODES) -> Iterator["Element | str"]:
        """Everything below, in document order, at most ``limit`` nodes."""
        stack = self.children[::-1]
        while stack and limit:
            limit -= 1
            node = stack.pop()
            yield node
            if not isinstance(node, str):
                stack.extend(reversed(node.children))


@dataclass(frozen=True, slots=True)
class Page:
    """A parsed body."""

    root: Element
    truncated: bool
    """Something was left out because there was too much of it."""


def parse(source: str) -> Page:
    """Parse HTML of any quality. Never raises."""
    document = turbohtml.parse(source[:MAX_SOURCE])
    cut = len(source) > MAX_SOURCE
    sheet, important = _styles(document, source)
    root = Element("html", {}, {})
    stack: list[tuple[turbohtml.Node, Element, int]] = [(node, root, 1) for node in reversed(document.children)]
    left, room, lines = MAX_NODES, MAX_TEXT, MAX_LINES
    while stack and left and room > 0 and lines > 0:
        node, parent, depth = stack.pop()
        left -= 1
        if isinstance(node, turbohtml.Text):
            text = "\n".join(node.data[:room].split("\n", lines)[:lines])
            cut |= len(text) < len(node.data)
            if not text.isspace():
                room -= len(text)
                lines -= text.count("\n")
            parent.children.append(text if depth <= MAX_DEPTH + 1 else f" {text}")
        elif isinstance(node, turbohtml.Element) and node.tag not in _DROPPED:
            if depth <= MAX_DEPTH:
                attributes = _attributes(node)
                style = {**sheet.get(node, {}), **inline_declarations(attributes.get("style", "")), **important.get(node, {})}
                element = Element(node.tag, attributes, style)
                parent.children.append(element)
                parent = element
            stack.extend((child, parent, depth + 1) for child in reversed(node.children))
    return Page(root, cut or bool(stack))


def _attributes(node: turbohtml.Element) -> dict[str, str]:
    if not len(node.attrs):
        return {}
    found = {name: node.attr(name) for name in _ATTRIBUTES if name in node.attrs}
    return {name: value or "" for name, value in found.items()}


def _styles(
    document: turbohtml.Document, source: str
) -> tuple[dict[turbohtml.Element, Declarations], dict[turbohtml.Element, Declarations]]:
    """What style sheets say of each element, usual and ``!important`` declarations apart. Media queries are left out."""
    usual: dict[turbohtml.Element, Declarations] = {}
    important: dict[turbohtml.Element, Declarations] = {}
    matches = MAX_MATCHES
    allowed = min(MAX_RULES, MAX_VISITS // (source.count("<") + 1))
    for selector, plain, forced in _rules(document)[:allowed]:
        try:
            elements = document.select(selector)
        except turbohtml.SelectorSyntaxError:
            continue
        matches -= len(elements)
        if matches < 0:
            break
        for element in elements:
            if plain:
                usual.setdefault(element, {}).update(plain)
            if forced:
                important.setdefault(element, {}).update(forced)
    return usual, important


def _rules(document: turbohtml.Document) -> list[tuple[str, Declarations, Declarations]]:
    """Selectors with their relevant declarations, the weakest first."""
    rules: list[tuple[str, Declarations, Declarations]] = []
    text = "\n".join(style.text for style in document.find_all("style"))
    for rule in StyleSheet(text).rules:
        names = [name for name in rule.style if name in RELEVANT]
        if not names or len(rules) > MAX_RULES:
            continue
        plain = {name: normal(rule.style[name]) for name in names if not rule.style.important(name)}
        forced = {name: normal(rule.style[name]) for name in names if rule.style.important(name)}
        rules.extend((part, plain, forced) for part in _selectors(rule.selector_text))
    return sorted(rules, key=lambda rule: _specificity(rule[0]))


def _selectors(text: str) -> list[str]:
    parts = [text] if "(" in text or "[" in text else text.split(",", MAX_RULES)[:MAX_RULES]
    return [part.strip() for part in parts if len(part) <= MAX_SELECTOR and part.strip() and not _UNUSABLE.search(part)]


def _specificity(selector: str) -> tuple[int, int, int]:
    return selector.count("#"), selector.count(".") + selector.count("["), len(_TAG_IN_SELECTOR.findall(selector))
