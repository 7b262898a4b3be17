# SPDX-License-Identifier: GPL-3.0-or-later
"""Hyperlinks of received mail: which may be followed, where they really lead, and which may deceive.

Targets come out in printable ASCII (RFC 3986; host names in their ASCII form, RFC 5890), so they are safe to show and to hand
to a program as one argument.
"""

import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import quote, urlsplit

from tuimail.model.deception import imitates
from tuimail.model.rendered import Link
from tuimail.model.text import safe_line

MAX_LINKS = 5000
"""Per message."""
MAX_TARGET = 8192
"""Characters."""

_URL = re.compile(r"(?:https?://|mailto:)[^\s<>\"“”‘’«»「」『』（）。，、]+", re.IGNORECASE)
_SCHEME = re.compile(r"(https?://|mailto:)(?=[^\s/])", re.IGNORECASE)
_IGNORED_BY_BROWSERS = re.compile("[\t\r\n]")
_SAFE_IN_TARGET = "!#$%&'()*+,/:;=?@[]~-._"
_HOST_IN_TEXT = re.compile(
    r"([a-z][a-z\d+.-]{0,20}:)?(?://)?(?:[^\s/@]{1,100}@)?((?:[\w-]{1,63}\.){1,10}[a-z]{2,24})(?::\d+)?(?:[/?#@]\S*)?",
    re.IGNORECASE,
)
"""With what a reader takes for the host of an address: also behind what is none of ours, and before an ``@``."""
_AROUND = "\"'“”‘’«»‹›„‚<>()[]{}「」『』（）*_|`.,:;!?…→➜►▸•·-–— "
_DOTS = {ord(dot): "." for dot in "․。｡．"}
"""What is read as a full stop."""
_SECOND_LEVEL = re.compile("ac|com?|edu?|gob|gouv|gov|gv|ltd|me|mil|net?|nom|org?|go|plc|sch")
_FILE_ENDING = re.compile("docx?|gif|html?|jpe?g|md|mp[34]|od[st]|pdf|png|pptx?|py|rs|sh|txt|xlsx?|zip", re.IGNORECASE)
_PAIRS = {")": "(", "]": "[", "}": "{"}


def find_links(text: str) -> Iterator[tuple[int, int, str]]:
    """Links written out in running text: where each begins and ends, and its target."""
    if ":" not in text:
        return
    for match in _URL.finditer(text):
        url = without_punctuation(match[0])
        target = safe_target(url)
        if target:
            yield match.start(), match.start() + len(url), target


def without_punctuation(url: str) -> str:
    """A link found in running text, without the punctuation of the sentence around it."""
    unclosed = {closing: url.count(closing) - url.count(opening) for closing, opening in _PAIRS.items()}
    end = len(url)
    while end:
        last = url[end - 1]
        if unclosed.get(last, 0) > 0:
            unclosed[last] -= 1
        elif last not in ".,;:!?'*_…|`":
            break
        end -= 1
    return url[:end]


def safe_target(href: str) -> str:
    """Where a link leads, in printable ASCII; empty when it is not http, https or mailto, or cannot be used."""
    if len(href) > MAX_TARGET:
        return ""
    href = _IGNORED_BY_BROWSERS.sub("", href).strip("\x00\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x1b\x1f \xa0")
    scheme = _SCHEME.match(href)
    if not scheme:
        return ""
    rest = href[scheme.end() :]
    if scheme[1].lower() == "mailto:":
        return "mailto:" + _ascii(rest)
    authority = re.split(r"[/?#\\]", rest, maxsplit=1)[0]
    path = rest[len(authority) :].replace("\\", "/")
    user, at, host = authority.rpartition("@")
    host = ascii_host(host)
    return f"{scheme[1].lower()}{_ascii(user)}{at}{host}{_ascii(path)}" if host else ""


def make_link(text: str, target: str) -> Link:
    """A link to a target that `safe_target` gave, with a warning where it may deceive."""
    text = safe_line(text, limit=200)
    return Link(text, target, _warning(text, target))


def ascii_host(host: str) -> str:
    """A host name with its labels in ASCII, the port kept; empty when it is none."""
    labels = []
    for label in unicodedata.normalize("NFKC", host).lower().split("."):
        if not label.isascii():
            try:
                label = "xn--" + label.encode("punycode").decode("ascii")
            except UnicodeError:
                return ""
        labels.append(label)
    joined = ".".join(labels)
    return joined if re.fullmatch(r"[a-z0-9._:\[\]-]+", joined) else ""


def registrable(host: str) -> str:
    """The part of a host name that somebody registered, by rule of thumb: ``example.co.uk`` of ``www.example.co.uk``."""
    labels = host.lower().rstrip(".").split(".")
    count = 3 if len(labels) > 2 and len(labels[-1]) == 2 and _SECOND_LEVEL.fullmatch(labels[-2]) else 2
    return ".".join(labels[-count:])


def _ascii(text: str) -> str:
    return quote(text, safe=_SAFE_IN_TARGET, errors="replace")


def _warning(text: str, target: str) -> str:
    if target.startswith("mailto:"):
        return _mailto_warning(text, target)
    try:
        parts = urlsplit(target)
        host = parts.hostname or ""
    except ValueError:
        return "The address of this link is malformed."
    for claimed in _claimed(text):
        if registrable(ascii_host(claimed)) != registrable(host):
            return f"The text says {claimed}, the link leads to {host}."
    if "@" in parts.netloc:
        return f"This link leads to {host}, whatever stands before the @."
    if any(map(imitates, host.split("."))):
        return f"The name of {host} is written with letters that look like others."
    return ""


def _claimed(text: str) -> Iterator[str]:
    """Hosts that a link's text names. Among other words only one that is written out as an address is meant as one."""
    words = [word for part in text.translate(_DOTS).split() if (word := part.strip(_AROUND))]
    for word in words:
        found = _HOST_IN_TEXT.fullmatch(word)
        written_out = found is not None and (found[1] or found[2].lower().startswith("www.") or word.startswith("//"))
        if found and (written_out or (len(words) == 1 and not _FILE_ENDING.fullmatch(found[2].rpartition(".")[2]))):
            yield found[2]


def _mailto_warning(text: str, target: str) -> str:
    address = target[7:].partition("?")[0].lower()
    said = text.strip().lower().removeprefix("mailto:")
    if "@" not in text and (claimed := next(_claimed(text), "")):
        return f"The text says {claimed}, the link begins a mail to {address}."
    if re.fullmatch(r"[^\s@]+@[^\s@]+\.[^\s@]+", said) and said != address and "%" not in address:
        return f"The text says {said}, the mail would go to {address}."
    return ""
