# SPDX-License-Identifier: GPL-3.0-or-later
"""``mailto:`` URLs (RFC 6068)."""

from urllib.parse import unquote

from tuimail.model.text import safe_line, safe_text

_LISTS = frozenset({"to", "cc", "bcc"})
_HARMLESS = _LISTS | {"subject", "body"}
"""Header fields that are taken over, and In-Reply-To; a link must not set others, and never attaches a file (RFC 6068 §7)."""


def mailto_fields(url: str) -> dict[str, str]:
    """The fields of `Draft` that a URL fills in, safe to show. Addresses that it names in several places are joined."""
    path, _, query = url.partition(":")[2].partition("?")
    fields = {"to": unquote(path)}
    for pair in query.split("&"):
        # Not parse_qsl(), which reads + as a space: here it is part of an address (RFC 6068 §5).
        name, _, value = pair.partition("=")
        name, value = unquote(name).lower(), unquote(value)
        if name == "in-reply-to":
            from tuimail.mime.headers import message_ids

            if found := message_ids(value):
                fields["in_reply_to"] = found[0]
        elif value and name in _HARMLESS:
            known = fields.get(name, "")
            fields[name] = f"{known}, {value}" if known and name in _LISTS else value
    return {name: safe_text(value) if name == "body" else safe_line(value) for name, value in fields.items()}
