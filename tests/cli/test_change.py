# SPDX-License-Identifier: GPL-3.0-or-later
"""``tuimail flag``, ``move``, ``delete``, ``folder`` and ``sync``: the server has answered when they end."""

from pathlib import Path
from typing import Any

import pytest

from tests.cli.home import Home
from tuimail.demo.faults import Faults
from tuimail.demo.servers import DemoServers

RESULT = ["action", "ids", "status", "detail"]


@pytest.fixture
def rows(home: Home) -> list[dict[str, Any]]:
    """Three messages of INBOX."""
    found: list[dict[str, Any]] = home.json("list", "--limit", "3")
    return found


def uids(servers: DemoServers, folder: str) -> set[int]:
    return {shot.uid for shot in servers.snapshot()[folder]}


def test_flags_are_at_the_server(home: Home, servers: DemoServers, rows: list[dict[str, Any]]) -> None:
    ids = [str(row["id"]) for row in rows[:2]]
    would = home.json("flag", *ids, "--add", "flagged", "--dry-run")
    assert (list(would), would["status"]) == (RESULT, "would")
    done = home.json("flag", *ids, "--add", "flagged", "work-item", "--remove", "seen")
    assert (list(done), done["action"], done["ids"], done["status"]) == (RESULT, "flag", list(map(int, ids)), "done")
    flags = {shot.uid: shot.flags for shot in servers.snapshot()["INBOX"]}
    assert all({"\\Flagged", "work-item"} <= flags[row["uid"]] for row in rows[:2])
    assert all("\\Seen" not in flags[row["uid"]] for row in rows[:2])
    listed = home.json("list", "--limit", "1")[0]
    assert ("flagged" in listed["flags"], listed["labels"]) == (True, ["work-item"])
    assert "is no keyword" in home.error("flag", ids[0], "--add", "two words", status=64)["message"]
    assert "None are named" in home.error("flag", ids[0], status=64)["message"]


def test_messages_are_copied_moved_and_deleted(home: Home, servers: DemoServers, rows: list[dict[str, Any]]) -> None:
    message = str(rows[0]["id"])
    before = len(uids(servers, "Archive"))
    assert home.json("move", message, "--to", "archive", "--copy")["status"] == "done"
    assert (len(uids(servers, "Archive")), rows[0]["uid"] in uids(servers, "INBOX")) == (before + 1, True)

    assert home.json("move", message, "--to", "Archive")["status"] == "done"
    assert (len(uids(servers, "Archive")), rows[0]["uid"] in uids(servers, "INBOX")) == (before + 2, False)

    trashed = len(uids(servers, "Trash"))
    assert home.json("delete", message)["status"] == "done"
    assert len(uids(servers, "Trash")) == trashed + 1
    assert "in Trash already" in home.error("delete", message, status=64)["message"]
    assert home.json("delete", message, "--forever")["status"] == "done"
    assert len(uids(servers, "Trash")) == trashed
    assert "There is no message" in home.error("read", message, status=64)["message"]


def test_folders_are_made_renamed_and_deleted(home: Home, servers: DemoServers) -> None:
    for arguments, there in (
        (("create", "Plans"), "Plans"),
        (("unsubscribe", "Plans"), "Plans"),
        (("subscribe", "Plans"), "Plans"),
        (("rename", "Plans", "Old plans"), "Old plans"),
    ):
        done = home.json("folder", *arguments)
        assert (list(done), done["action"], done["status"]) == (RESULT, f"folder {arguments[0]}", "done")
        assert there in servers.snapshot()
    assert home.json("folder", "delete", "Old plans")["status"] == "done"
    assert not {"Plans", "Old plans"} & servers.snapshot().keys()
    assert "stays" in home.error("folder", "delete", "inbox", status=64)["message"]


def test_what_the_server_refuses(home: Home, servers: DemoServers, rows: list[dict[str, Any]]) -> None:
    servers.faults.refuse["CREATE"] = "NO [CANNOT] Not that name"
    try:
        done = home.json("folder", "create", "Never", status=69)
    finally:
        del servers.faults.refuse["CREATE"]
    assert (done["status"], "Not that name" in done["detail"]) == ("refused", True)
    assert "Never" not in {folder["name"] for folder in home.json("folders")}


def test_queued_until_the_next_sync(home: Home, servers: DemoServers, rows: list[dict[str, Any]]) -> None:
    row = rows[2]
    queued = home.json("flag", str(row["id"]), "--add", "queued-word", "--queue", status=75)
    assert queued["status"] == "queued"
    assert "queued-word" in home.json("list", "--limit", "3")[2]["labels"]
    assert all("queued-word" not in shot.flags for shot in servers.snapshot()["INBOX"])

    synced = home.json("sync")["accounts"]
    assert [list(one) for one in synced] == [["name", "new", "changed", "carried", "waiting", "error"]]
    assert (synced[0]["name"], synced[0]["carried"], synced[0]["waiting"], synced[0]["error"]) == ("work", 1, 0, None)
    assert any("queued-word" in shot.flags for shot in servers.snapshot()["INBOX"])


def test_sync_counts_what_came_and_what_changed(home: Home, servers: DemoServers) -> None:
    home.json("sync")
    servers.deliver(b"From: a@b.example\r\nSubject: New\r\n\r\nText\r\n")
    first = servers.snapshot()["INBOX"][0]
    servers.set_flags("INBOX", first.uid, frozenset({"changed-word"}))
    synced = home.json("sync")["accounts"][0]
    assert (synced["new"], synced["changed"]) == (1, 1)


def test_offline_it_stays_queued(servers: DemoServers, tmp_path: Path) -> None:
    with DemoServers(5, Faults()) as leaving:
        away = Home(tmp_path)
        away.add_demo(leaving)
        row = away.json("list", "--limit", "1")[0]
    queued = away.json("flag", str(row["id"]), "--add", "flagged", status=75)
    assert (queued["status"], "refused the connection" in queued["detail"]) == ("queued", True)
    assert "flagged" in away.json("list", "--limit", "1")[0]["flags"]
    failed = away.json("sync", status=69)["accounts"][0]
    assert (failed["waiting"], failed["error"]["kind"]) == (1, "Offline")


def test_a_wrong_password(servers: DemoServers, tmp_path: Path) -> None:
    at = servers.addresses
    stranger = Home(tmp_path)
    stranger.add("work", email=at.email, user=at.user, password="wrong", imap=at.imap_port, smtp=at.smtp_port)
    assert stranger.error("list", status=77)["kind"] == "SignInNeeded"
    assert "wrong" not in stranger.run("list").stderr.decode().replace("wrong password", "")


def test_ids_are_stable_over_accounts(servers: DemoServers, tmp_path: Path) -> None:
    both = Home(tmp_path)
    both.add_demo(servers, "one", 0)
    both.add_demo(servers, "two", 1)
    both.json("sync")
    ids = {key: [row["id"] for row in both.json("list", "--account", key, "--limit", "3")] for key in ("one", "two")}
    assert not set(ids["one"]) & set(ids["two"])
    mixed = [str(ids["one"][0]), str(ids["two"][0])]
    assert "several accounts" in both.error("move", *mixed, "--to", "archive", status=64)["message"]
    assert both.json("flag", *mixed, "--add", "flagged")["status"] == "done"
    assert both.json("read", mixed[1])["account"] == "two"
