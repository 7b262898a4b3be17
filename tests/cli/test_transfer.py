# SPDX-License-Identifier: GPL-3.0-or-later
"""``tuimail export`` and ``import``: nothing lost, nothing doubled, flags kept."""

import mailbox
from pathlib import Path

import pytest

from tests.cli.home import Home
from tuimail.demo.servers import DemoServers, Shot

HEAD = b"From: a@b.example\r\nSubject: %s\r\nDate: Mon, 2 Nov 2026 10:00:00 +0100\r\n"
ODD = (
    HEAD % b"odd" + b"Message-ID: <odd@b.example>\r\n\r\nFrom here\r\n>From there\r\n\xff 8 bit\r\n\r\n",
    HEAD % b"no id" + b"\r\nnameless\r\n",
    HEAD % b"large" + b"Message-ID: <large@b.example>\r\n\r\n" + b"0123456789\r\n" * 100_000,
)


def contents(shots: list[Shot]) -> list[tuple[bytes, frozenset[str]]]:
    """Messages with the flags that every format keeps."""
    kept = {"\\Seen", "\\Flagged", "\\Answered", "\\Draft"}
    return sorted((shot.raw, shot.flags & kept) for shot in shots)


@pytest.fixture(scope="module")
def source(servers: DemoServers, home: Home) -> list[Shot]:
    """The messages of a folder with samples and odd ones."""
    servers.create_folder("Source")
    for shot in servers.snapshot()["INBOX"]:
        servers.deliver(shot.raw, "Source", shot.flags)
    for number, raw in enumerate(ODD):
        servers.deliver(raw, "Source", frozenset({"\\Seen", "\\Answered"} if number else {"\\Flagged"}))
    home.json("sync")
    return servers.snapshot()["Source"]


@pytest.mark.parametrize("form", ["mbox", "maildir", "eml"])
def test_out_and_in_again(home: Home, servers: DemoServers, source: list[Shot], tmp_path: Path, form: str) -> None:
    target, folder = tmp_path / "out", f"From {form}"
    arguments = ("export", "--folder", "Source", "--to", str(target), "--format", form)
    told = home.json(*arguments)
    assert told == {"exported": len(source), "skipped": 0, "path": str(target), "format": form}
    assert target.stat().st_mode & 0o077 == 0
    assert "nothing is overwritten" in home.error(*arguments, status=66)["advice"]

    home.json("folder", "create", folder)
    put = home.json("import", str(target), "--to", folder)
    assert put == {"imported": len(source), "skipped": 0, "refused": 0, "refusals": [], "status": "done", "detail": ""}
    if form == "eml":
        assert sorted(shot.raw for shot in servers.snapshot()[folder]) == sorted(shot.raw for shot in source)
    else:
        assert contents(servers.snapshot()[folder]) == contents(source)
    again = home.json("import", str(target), "--to", folder)
    assert (again["imported"], again["skipped"], len(servers.snapshot()[folder])) == (0, len(source), len(source))


def test_files_tell_when_a_message_arrived(home: Home, servers: DemoServers, tmp_path: Path) -> None:
    servers.create_folder("Old")
    servers.deliver(HEAD % b"old" + b"\r\nText\r\n", "Old", arrived=1_700_000_000)
    home.json("export", "--folder", "Old", "--to", str(tmp_path / "box"))
    assert (tmp_path / "box").read_bytes().startswith(b"From a@b.example Tue Nov 14 22:13:20 2023\n")
    home.json("export", "--folder", "Old", "--to", str(tmp_path / "dir"), "--format", "maildir")
    (file,) = (tmp_path / "dir" / "cur").iterdir()
    assert file.stat().st_mtime == 1_700_000_000


@pytest.mark.parametrize("form", ["maildir", "eml"])
def test_pipes_and_devices_are_no_messages(home: Home, servers: DemoServers, tmp_path: Path, form: str) -> None:
    """A pipe would be waited for, and a device may have no end."""
    folder, name = tmp_path / "odd", f"Odd {form}"
    for each in (folder / "cur", folder / "new"):
        each.mkdir(parents=True)
    place = folder / "cur" if form == "maildir" else folder
    (place / "1.eml").write_bytes(b"Subject: one\r\n\r\n")
    (place / "2.eml").symlink_to("/dev/null")
    home.json("folder", "create", name)
    home.json("import", str(folder), "--to", name, "--format", form)
    assert [shot.raw for shot in servers.snapshot()[name]] == [b"Subject: one\r\n\r\n"]


def test_other_programs_read_it(home: Home, source: list[Shot], tmp_path: Path) -> None:
    home.text("export", "--folder", "Source", "--to", str(tmp_path / "box"))
    home.text("export", "--folder", "Source", "--to", str(tmp_path / "dir"), "--format", "maildir")
    box, folder = mailbox.mbox(tmp_path / "box", create=False), mailbox.Maildir(tmp_path / "dir", create=False)
    assert (len(box), len(folder)) == (len(source), len(source))
    assert sum({"R", "A"} <= set(message.get_flags()) for message in box) >= 2
    assert sum({"R", "S"} <= set(message.get_flags()) for message in folder) >= 2
    box.close()


def test_an_import_that_was_cut_goes_on(home: Home, servers: DemoServers, source: list[Shot], tmp_path: Path) -> None:
    box = str(tmp_path / "box")
    home.text("export", "--folder", "Source", "--to", box)
    home.json("folder", "create", "Cut")
    servers.faults.cut_on, servers.faults.cut_when, servers.faults.cut_times = "APPEND", "after", 2
    cut = home.run("import", box, "--to", "Cut", "--json")
    servers.faults.cut_on = None
    assert cut.returncode in (0, 75), cut.stderr
    home.json("sync")
    home.json("import", box, "--to", "Cut")
    assert contents(servers.snapshot()["Cut"]) == contents(source)


def test_what_cannot_be_read_or_stored(home: Home, servers: DemoServers, tmp_path: Path) -> None:
    assert home.error("import", str(tmp_path / "none"), "--to", "inbox", status=66)["kind"] == "FileProblem"
    (tmp_path / "text").write_text("no mbox")
    wrong = home.error("import", str(tmp_path / "text"), "--to", "inbox", "--format", "mbox", status=64)
    assert "is no mbox file" in wrong["message"]
    servers.faults.refuse["APPEND"] = "NO [CANNOT] Never"
    try:
        done = home.json("import", str(tmp_path / "text"), "--to", "inbox", status=69)
    finally:
        del servers.faults.refuse["APPEND"]
    assert (done["imported"], done["refused"], done["status"]) == (0, 1, "refused")


def test_the_one_that_is_refused_is_named_by_its_number(home: Home, servers: DemoServers, tmp_path: Path) -> None:
    home.json("folder", "create", "Mostly")
    letters = [b"Subject: %d\nMessage-ID: <mostly%d@b.example>\n\ntext\n" % (number, number) for number in range(1, 8)]
    letters[4] += b"\0\n"
    (tmp_path / "box").write_bytes(b"".join(b"From a@b.example Mon Nov  2 09:00:00 2026\n" + raw + b"\n" for raw in letters))
    done = home.json("import", str(tmp_path / "box"), "--to", "Mostly", status=69)
    assert (done["imported"], done["refused"], [one["number"] for one in done["refusals"]]) == (6, 1, [5])
    assert "NUL" in done["refusals"][0]["reason"]
    assert len(servers.snapshot()["Mostly"]) == 6
    again = home.run("import", str(tmp_path / "box"), "--to", "Mostly")
    assert b"message 5: The message holds NUL octets" in again.stderr
