# SPDX-License-Identifier: GPL-3.0-or-later
"""The media type of a file that is to be attached, from its first octets and its name."""

import re
from codecs import getincrementaldecoder

from tuimail.model.part import Part

_MAGIC = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"\x1f\x8b", "application/gzip"),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\x00", "application/x-xz"),
    (b"\x28\xb5\x2f\xfd", "application/zstd"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"OggS", "application/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"%!PS", "application/postscript"),
    (b"{\\rtf", "application/rtf"),
    (b"\x00\x00\x01\x00", "image/vnd.microsoft.icon"),
)
_BY_NAME = {
    "eml": "message/rfc822", "ics": "text/calendar", "vcf": "text/vcard", "md": "text/markdown", "txt": "text/plain",
    "log": "text/plain", "csv": "text/csv", "html": "text/html", "htm": "text/html", "css": "text/css",
    "xml": "application/xml", "json": "application/json", "patch": "text/x-patch", "diff": "text/x-diff",
    "py": "text/x-python", "c": "text/x-c", "h": "text/x-c", "sh": "application/x-sh", "svg": "image/svg+xml",
    "webp": "image/webp", "heic": "image/heic", "avif": "image/avif", "tif": "image/tiff", "tiff": "image/tiff",
    "bmp": "image/bmp", "mp3": "audio/mpeg", "m4a": "audio/mp4", "wav": "audio/x-wav", "ogg": "audio/ogg",
    "opus": "audio/ogg", "mp4": "video/mp4", "mov": "video/quicktime", "webm": "video/webm", "mkv": "video/x-matroska",
    "zip": "application/zip", "tar": "application/x-tar", "gz": "application/gzip", "tgz": "application/gzip",
    "doc": "application/msword", "xls": "application/vnd.ms-excel", "ppt": "application/vnd.ms-powerpoint",
    "asc": "application/pgp-keys", "p7m": "application/pkcs7-mime",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text", "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation", "epub": "application/epub+zip",
    "jar": "application/java-archive",
}  # fmt: skip
_EXTENSIONS = {kind: name for name, kind in reversed(_BY_NAME.items())} | {
    "application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "application/rtf": "rtf",
    "text/rtf": "rtf", "text/x-vcard": "vcf", "message/global": "eml", "message/partial": "eml",
}  # fmt: skip
_SHORT_NAME = re.compile(r"(?:x-)?([a-z0-9]{1,5})")
_TOKEN = re.compile(r"[\w.:+-]{1,60}", re.ASCII)
_TEXTUAL = (
    "text/",
    "message/",
    "application/xml",
    "application/json",
    "application/x-sh",
    "image/svg+xml",
    "application/pgp-keys",
)


def guess(filename: str, head: bytes) -> str:
    """``type/subtype`` for a file with that name whose first octets (some hundred will do) are ``head``.

    The content wins over a name that contradicts it, so that a receiver is not told a lie.
    """
    extension = filename.rpartition(".")[2].lower() if "." in filename else ""
    named = _BY_NAME.get(extension, "")
    for magic, content_type in _MAGIC:
        if head.startswith(magic):
            return content_type if content_type != "application/ogg" or not named.startswith(("audio/", "video/")) else named
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith(b"PK\x03\x04"):
        return (
            named
            if named.startswith("application/") and named not in {"application/gzip", "application/msword"}
            else "application/zip"
        )
    if _looks_like_text(head):
        if named and not named.startswith(_TEXTUAL):
            return "text/plain" if head else named
        return named or "text/plain"
    return named if named and not named.startswith(_TEXTUAL) else "application/octet-stream"


def passed_on(part: Part) -> str:
    """The media type of a part to be sent on, with what it takes to read it: charset, and a calendar's method (RFC 6047)."""
    kept = [f"{name}={part.params[name]}" for name in ("charset", "method") if _TOKEN.fullmatch(part.params.get(name, ""))]
    return "; ".join([part.content_type, *kept])


def extension_of(content_type: str) -> str:
    """What the name of a file of that media type ends with, without the dot: ``bin`` where nothing better is known."""
    main, _, kind = content_type.partition("/")
    known = _EXTENSIONS.get(content_type) or ("txt" if main in ("text", "message") else "")
    short = _SHORT_NAME.fullmatch(kind)
    return known or (short[1] if short else "bin")


def _looks_like_text(head: bytes) -> bool:
    """UTF-8 without control characters; the last character may be cut off."""
    if any(octet < 32 and octet not in b"\t\n\r\x0c\x1b" for octet in head):
        return False
    try:
        getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True
