# SPDX-License-Identifier: GPL-3.0-or-later
"""Each outside library has one door: the file that imports it and maps its errors to ours."""

import sys
from functools import cache

import pytest

from tests.shape.sources import imported_by, python_files, relative

DOORS: dict[str, tuple[str, ...]] = {
    "aioimaplib": ("tuimail/backends/imap/connection.py",),
    "aiosmtplib": ("tuimail/backends/smtp/connection.py",),
    "aiosmtpd": ("tuimail/demo/smtp_server.py",),
    "dns": ("tuimail/accounts/dns.py",),
    "segno": ("tuimail/engine/qr.py",),
    "cryptography": ("tuimail/demo/certificate.py", "tuimail/store/sealing.py"),
    "idna": ("tuimail/mime/addresses.py",),
    "keyring": ("tuimail/accounts/system_keyring.py",),
    "markdown_it": ("tuimail/mime/markdown.py",),
    "tomlkit": ("tuimail/accounts/edit.py",),
    "turbohtml": ("tuimail/render/", "tuimail/mime/charset.py"),
    "apsw": ("tuimail/store/", "tuimail/sync/"),
    "textual": ("tuimail/ui/",),
    "rich": ("tuimail/ui/", "tuimail/model/width.py"),
    "msgspec": ("tuimail/",),
    "icalendar": ("tuimail/render/",),
}
"""A file, or a folder that ends in ``/``."""
NEVER = {"sqlite3": "two SQLites on one file lose each other's locks (https://www.sqlite.org/howtocorrupt.html)"}


@cache
def _used() -> list[tuple[str, str]]:
    return [(library, relative(path)) for path in python_files("tuimail") for library in imported_by(path)]


@pytest.mark.parametrize("library", sorted(DOORS))
def test_a_library_is_imported_at_its_door_only(library: str) -> None:
    elsewhere = [file for name, file in _used() if name == library and not file.startswith(DOORS[library])]
    assert not elsewhere


def test_every_library_has_a_door() -> None:
    known = {"tuimail", *DOORS, *sys.stdlib_module_names}
    assert not [(library, file) for library, file in _used() if library not in known]


@pytest.mark.parametrize("module", sorted(NEVER))
def test_what_is_never_imported(module: str) -> None:
    assert not [file for name, file in _used() if name == module], NEVER[module]
