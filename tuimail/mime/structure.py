# SPDX-License-Identifier: GPL-3.0-or-later
"""A tree of parts as BODYSTRUCTURE (RFC 9051 §7.5.2), as servers give it, of mail that is taken apart here."""

from collections.abc import Mapping

from tuimail.model.part import Part


def bodystructure(root: Part) -> bytes:
    """The extended form. What `Part` does not hold is NIL; text is UTF-8."""
    done: dict[int, bytes] = {}
    for part in reversed(list(root.walk())):  # children first, without recursion
        done[id(part)] = _multipart(part, done) if part.is_multipart else _single(part, done)
    return done[id(root)]


def _multipart(part: Part, done: Mapping[int, bytes]) -> bytes:
    children = b"".join(done[id(child)] for child in part.children) or b"NIL "
    subtype = _string(part.content_type.partition("/")[2])
    return b"(%b%b %b %b NIL)" % (children, subtype, _pairs(part.params), _disposition(part))


def _single(part: Part, done: Mapping[int, bytes]) -> bytes:
    kind, _, subtype = part.content_type.partition("/")
    fields = [
        _string(kind), _string(subtype), _pairs(part.params), _string(f"<{part.content_id}>") if part.content_id else b"NIL",
        b"NIL", _string(part.encoding), b"%d" % part.size,
    ]  # fmt: skip
    if part.children:
        fields += [b"(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)", done[id(part.children[0])], b"0"]
    elif kind == "text":
        fields.append(b"0")
    return b"(%b NIL %b NIL NIL)" % (b" ".join(fields), _disposition(part))


def _disposition(part: Part) -> bytes:
    if not part.disposition and part.filename == part.params.get("name", ""):
        return b"NIL"
    filename = {"filename": part.filename} if part.filename else {}
    return b"(%b %b)" % (_string(part.disposition), _pairs(filename))


def _pairs(params: Mapping[str, str]) -> bytes:
    if not params:
        return b"NIL"
    return b"(%b)" % b" ".join(_string(name) + b" " + _string(value) for name, value in params.items())


def _string(text: str) -> bytes:
    octets = text.encode("utf-8", "replace").replace(b"\0", b"").replace(b"\r", b" ").replace(b"\n", b" ")
    return b'"%b"' % octets.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
