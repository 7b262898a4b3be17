# SPDX-License-Identifier: GPL-3.0-or-later
"""``tuimail store``: encrypted, everything works as before, and nothing of the mail can be read in any file of the home."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.file_keyring import VARIABLE
from tests.cli.home import Home
from tuimail.demo.servers import DemoServers

_LETTER = b"From: Seaplanted <seaplanted@example.org>\r\nTo: ada@example.org\r\nSubject: Skyplanted\r\n\r\nEarthplanted\r\n"


def readable(folder: Path) -> set[str]:
    """The planted words that stand in the files of a folder."""
    words = ("Seaplanted", "Skyplanted", "Earthplanted", "fireplanted", "iceplanted")
    octets = b"".join(found.read_bytes() for found in folder.rglob("*") if found.is_file())
    return {word for word in words if word.encode() in octets}


def newest(home: Home) -> int:
    (letter,) = home.json("list", "--limit", "1")
    assert letter["subject"] == "Skyplanted"
    return int(letter["id"])


@pytest.fixture
def used(tmp_path: Path, servers: DemoServers) -> Home:
    """A home with a letter that was read, and another one on its way."""
    (tmp_path / "home").mkdir()
    home = Home(tmp_path / "home")
    home.add_demo(servers)
    servers.deliver(_LETTER)
    home.text("sync")
    assert "Earthplanted" in home.text("read", str(newest(home)))
    home.text("send", "--to", "fireplanted@example.org", "--subject", "Out", "--body", "iceplanted", "--queue", status=75)
    return home


def test_what_was_in_the_clear_is_encrypted_and_works_as_before(
    used: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "tests.cli.file_keyring.FileKeyring")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "keyring.json"))
    for name in ("frame", "frame.123", "dialogue.log"):
        (used.folder / "state" / name).write_text("Skyplanted")
    data = used.folder / "data"
    assert readable(data) == {"Seaplanted", "Skyplanted", "Earthplanted", "fireplanted", "iceplanted"}

    assert used.json("store", "encrypt") == {"encrypted": True, "changed": True, "folder": str(data)}
    key = next(iter(json.loads((tmp_path / "keyring.json").read_text()).values()))
    assert readable(used.folder) == set()
    assert not [found for found in used.folder.rglob("*") if found.is_file() and key.encode() in found.read_bytes()]

    with subprocess.Popen(used.command("sync", "--watch", "--json"), stdout=subprocess.PIPE) as watching:
        assert watching.stdout is not None
        try:
            watching.stdout.readline()
            for told in ("cmdline", "environ"):
                assert key.encode() not in Path(f"/proc/{watching.pid}/{told}").read_bytes()
            assert newest(used)
            assert "uses the store" in used.error("store", "decrypt", status=1)["message"]
        finally:
            watching.terminate()
            watching.wait(60)
    assert readable(used.folder) == set()

    kept = (tmp_path / "keyring.json").read_text()
    (tmp_path / "keyring.json").write_text("{}")
    files = {found: found.read_bytes() for found in data.rglob("*") if found.is_file()}
    assert "the keyring does not give its key" in used.error("list", status=1)["message"]
    assert {found: found.read_bytes() for found in data.rglob("*") if found.is_file()} == files
    (tmp_path / "keyring.json").write_text(kept)

    assert used.json("store", "decrypt")["changed"]
    assert readable(data) >= {"Seaplanted", "Skyplanted", "Earthplanted"}
