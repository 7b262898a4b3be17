# SPDX-License-Identifier: GPL-3.0-or-later
"""The conversations in ``threads/*.txt``: a header, then posts that begin with ``=== WHO DAYS_AGO words``.

Words: ``unread seen flagged answered draft`` (without ``unread`` a post is seen), ``quote`` (begins with the post before,
quoted), ``attach=pdf:NAME`` or ``attach=jpeg:NAME``. Posts by ``me`` lie in Sent.
"""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from importlib.resources import files as package_files

from tuimail.demo.samples.cast import OWNER, PEOPLE, TIDEPOOL, Person
from tuimail.demo.samples.clock import ago, local
from tuimail.demo.samples.files import jpeg, pdf
from tuimail.demo.samples.letter import Enclosure, Letter
from tuimail.model.flags import ANSWERED, DRAFT, FLAGGED, SEEN, Flags

_WIDTH = 74
_INDENT = re.compile(r"\s*(?:\d+\.|[-•]|\([a-z]\))?\s*")
_FLAGS = {"seen": SEEN, "flagged": FLAGGED, "answered": ANSWERED, "draft": DRAFT}


@dataclass(frozen=True, slots=True)
class _Post:
    """One post as it stands in the file."""

    who: Person
    days_ago: float
    words: tuple[str, ...]
    text: str


def stories(now: int) -> Iterator[Letter]:
    """All conversations, as seen at ``now``."""
    folder = package_files("tuimail.demo.samples").joinpath("threads")
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        yield from _story(file.name.removesuffix(".txt"), file.read_text("utf-8"), now)


def _story(name: str, source: str, now: int) -> Iterator[Letter]:
    head, *pieces = re.split(r"^=== ", source, flags=re.MULTILINE)
    header = dict(line.split(": ", 1) for line in head.splitlines())
    members = [TIDEPOOL] if "list" in header else [PEOPLE[who] for who in header["to"].split(", ")]
    posts = [_post(piece) for piece in pieces]
    people = list(dict.fromkeys([*members, *(post.who for post in posts)])) if "list" not in header else members
    references: tuple[str, ...] = ()
    for number, post in enumerate(posts):
        text = wrapped(post.text)
        if "quote" in post.words:
            text = f"{_quoted(posts[number - 1], now)}\n\n{text}"
        first, *others = [person for person in people if person != post.who] or [OWNER]
        letter = Letter(
            key=f"{name}.{number + 1}",
            folder=_folder(post, header["folder"]),
            sender=post.who,
            to=(first,),
            cc=tuple(others),
            subject=header["subject"] if not number else "Re: " + header["subject"].removeprefix("Re: "),
            text=text,
            arrived=ago(now, post.days_ago),
            flags=_flags(post.words),
            enclosures=tuple(_enclosure(word) for word in post.words if word.startswith("attach=")),
            references=references,
            fields=_LIST_FIELDS if "list" in header else (),
        )
        yield letter
        references = (*references, letter.message_id)


_LIST_FIELDS = (
    ("List-Id", "Development of tidepool <tidepool-dev.lists.example.org>"),
    ("List-Post", "<mailto:tidepool-dev@lists.example.org>"),
    ("List-Help", "<https://lists.example.org/tidepool-dev>"),
    ("List-Unsubscribe", "<mailto:tidepool-dev-leave@lists.example.org>"),
    ("List-Archive", "<https://lists.example.org/archive/tidepool-dev>"),
    ("Precedence", "list"),
)


def wrapped(text: str) -> str:
    """Paragraphs broken at 74 columns; indented lines and tables as they are."""
    lines: list[str] = []
    for line in text.split("\n"):
        if len(line) <= _WIDTH or line.startswith(("    ", "|", ">")):
            lines.append(line)
            continue
        indent = _INDENT.match(line)
        hanging = " " * (indent.end() if indent else 0)
        lines += textwrap.wrap(line, _WIDTH, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines)


def _post(piece: str) -> _Post:
    first, _, text = piece.partition("\n")
    who, days_ago, *words = first.split()
    return _Post(PEOPLE[who], float(days_ago), tuple(words), text.strip("\n") + "\n")


def _quoted(post: _Post, now: int) -> str:
    when = local(ago(now, post.days_ago))
    lines = "\n".join(f"> {line}".rstrip() for line in wrapped(post.text).rstrip("\n").split("\n"))
    return f"On {when:%d %B %Y at %H:%M}, {post.who.name} wrote:\n{lines}"


def _folder(post: _Post, folder: str) -> str:
    return "Sent" if post.who == OWNER and "draft" not in post.words else folder


def _flags(words: tuple[str, ...]) -> Flags:
    found = {_FLAGS[word] for word in words if word in _FLAGS}
    return frozenset(found if "unread" in words else found | {SEEN})


def _enclosure(word: str) -> Enclosure:
    kind, _, name = word.removeprefix("attach=").partition(":")
    if kind == "jpeg":
        return Enclosure(name, "image/jpeg", partial(jpeg, 80, 60))
    title = name.removesuffix(".pdf").replace("-", " ").capitalize()
    return Enclosure(name, "application/pdf", partial(pdf, title, ["Draft for discussion only.", "Lantern Maps"]))
