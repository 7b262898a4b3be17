# SPDX-License-Identifier: GPL-3.0-or-later
"""Senders that pretend to be others: names that look like addresses, domains in letters that look like others. Pure.

The address itself is always shown; what is said here stands beside it.
"""

import re
import unicodedata
from collections.abc import Iterable

from tuimail.model.address import Address
from tuimail.model.message import Envelope

_AT = re.compile("[@\uff20\ufe6b]")
_WORD = "[^\\s\"'(),:;<>\\[\\]@\uff20\ufe6b]{1,64}"
_LIKE_ADDRESS = re.compile(f"{_WORD}[@\uff20\ufe6b][\\w-]|{_WORD} ?[@\uff20\ufe6b] ?[\\w-]{{1,63}}[.\uff0e\u3002]\\w")
_ACE = "xn--"
"""What the ASCII form of a label beyond ASCII begins with (RFC 5890 §2.3.2.1)."""
_MOST_AUTHORS, _LONGEST_AUTHOR = 4, 100
"""From fields that are quoted, and characters of each."""
_WRITTEN_TOGETHER = frozenset({"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO"})
"""Scripts that stand beside each other, and beside one more, in honest names (UTS 39 §5.2)."""
_LIKE_LATIN = frozenset("аеорсухіјѕӏԁһԛԝвкмнтαινορτυω")
"""Letters of other scripts that most typefaces draw as Latin ones."""


def pretends(address: Address) -> bool:
    """Whether the name holds an address that is not the real one. Such a name must never stand alone."""
    if not _AT.search(address.name):
        return False
    name = re.sub(re.escape(address.email), " ", address.name, flags=re.IGNORECASE) if address.email else address.name
    return _LIKE_ADDRESS.search(name) is not None


def is_doubtful(address: Address) -> bool:
    """Whether a list marks a person: the name or what stands before the domain pretends, or the domain imitates another."""
    return pretends(address) or _holds_address(address.email) or _imitates_domain(address.email)


def _holds_address(email: str) -> bool:
    """Whether a quoted local part looks like an address, behind which the real domain may be cut off."""
    return _AT.search(email.rpartition("@")[0]) is not None


def listed_name(address: Address) -> str:
    """What stands for a person where there is room for one thing: the name, or the address where that is none or pretends."""
    return address.name if address.name and not pretends(address) else visible(address.email) or address.name


def imitates(label: str) -> bool:
    """Whether a label of a domain, in either form, mixes scripts or is made only of letters that look Latin (UTS 39 §5).

    As do signs that no label may hold (RFC 5892 §2), such as those that look like a dot or a slash, and other forms of letters.
    """
    text = unicodedata.normalize("NFC", _decoded(label))
    letters = [character for character in text if character.isalpha()]
    if text != unicodedata.normalize("NFKC", text) or not all(map(_is_letter, filter(_is_beyond_ascii, text))):
        return True
    if all(map(str.isascii, letters)):
        # What it stands for cannot be told, or needs no such form; digits of other scripts stand among Latin letters.
        return label.lower().startswith(_ACE) or any(map(str.isalnum, filter(_is_beyond_ascii, text)))
    scripts = {unicodedata.name(letter, "? ").split()[0] for letter in letters}
    return len(scripts - _WRITTEN_TOGETHER) > 1 or set(letters) <= _LIKE_LATIN


def visible(email: str) -> str:
    """An address as it is shown: labels beyond ASCII in Unicode where they are what they look like, else as ASCII."""
    local, at, domain = email.rpartition("@")
    if domain.isascii() and _ACE not in domain.lower():
        return email
    return local + at + ".".join(_encoded(label) if imitates(label) else _decoded(label) for label in domain.split("."))


def _imitates_domain(email: str) -> bool:
    if email.isascii() and _ACE not in email.lower():
        return False
    return any(map(imitates, email.rpartition("@")[2].split(".")))


def doubts(envelope: Envelope) -> tuple[str, ...]:
    """What the reader should beware of in the people that a message names as its senders; sentences, safe to show."""
    said = [
        f"The sender's name looks like an address, but the mail comes from {visible(address.email)}."
        for address in envelope.from_
        if pretends(address)
    ]
    said += [
        f"Before the last @ of the sender's address stands what looks like another; the mail comes from {address.domain}."
        for address in envelope.from_
        if _holds_address(address.email)
    ]
    if len(envelope.from_) > 1:
        said.append(f"The mail names {len(envelope.from_)} senders: at most one of them has sent it.")
    said += [
        f"Answers go to {visible(address.email)}, whatever address stands in the name."
        for address in envelope.reply_to
        if pretends(address) and address not in envelope.from_
    ]
    everyone = dict.fromkeys(address.email for address in (*envelope.from_, *envelope.sender, *envelope.reply_to))
    said += [
        f"The domain of {visible(email)} is written with letters that look like others."
        for email in everyone
        if _imitates_domain(email)
    ]
    return tuple(said)


def header_doubts(fields: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """What the reader should beware of in a whole header, given as names and safe values; sentences, safe to show.

    Servers and programs choose different ones of several From fields, which RFC 5322 §3.6 forbids.
    """
    authors = [value for name, value in fields if name.lower() == "from"]
    if len(authors) < 2:
        return ()
    named = "”, “".join(_shortened(author) for author in authors[:_MOST_AUTHORS])
    more = f" and {len(authors) - _MOST_AUTHORS} more" if len(authors) > _MOST_AUTHORS else ""
    return (f"The mail has {len(authors)} From fields, of which other programs may show another one: “{named}”{more}.",)


def _shortened(value: str) -> str:
    """The end stays: there the address is."""
    return value if len(value) <= _LONGEST_AUTHOR else f"…{value[1 - _LONGEST_AUTHOR :]}"


def _decoded(label: str) -> str:
    """A label in Unicode, composed; as it stands where that makes no sense."""
    if not label.lower().startswith(_ACE):
        return label
    try:
        text = label[len(_ACE) :].encode("ascii").decode("punycode").lower()
    except UnicodeError:
        return label
    usual = text == unicodedata.normalize("NFKC", text) and not text.isascii() and all(map(_is_letter, text))
    return text if usual else label


def _is_beyond_ascii(character: str) -> bool:
    return not character.isascii()


def _is_letter(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character) in ("Mn", "Mc") or character in "-·"


def _encoded(label: str) -> str:
    """A label in its ASCII form."""
    return label if label.isascii() else _ACE + label.lower().encode("punycode").decode("ascii")
