# SPDX-License-Identifier: GPL-3.0-or-later
"""LIST, STATUS, CREATE, RENAME, DELETE, SUBSCRIBE, UNSUBSCRIBE."""

import pytest

from tests.backends.suite.commands import sends
from tests.backends.suite.conftest import DemoMaker
from tests.backends.suite.mails import PLAIN, mail
from tests.backends.suite.server import Demo, Server, ServerMaker
from tuimail.backends.imap.backend import ImapBackend
from tuimail.backends.port import FolderListing, FolderStatus
from tuimail.model.errors import InputWrong, ServerRefused
from tuimail.model.folder import FolderRole

NAMES = {
    "two words": "two words",
    'quo"te': 'quo"te',
    "back\\slash": "back\\slash",
    "100%": "100%",
    "st*r": "st*r",
    "R&D": "R&-D",
    "&": "&-",
    "a.b": "a.b",
    "(paren)": "(paren)",
    "{5}": "{5}",
    "NIL": "NIL",
    "inbox too": "inbox too",
    "Entwürfe": "Entw&APw-rfe",
    "日本語": "&ZeVnLIqe-",
    "Grüße & Küsse": "Gr&APwA3w-e &- K&APw-sse",
    "😀": "&2D3eAA-",
}
"""In Unicode → as on the wire (RFC 3501 §5.1.3)."""


async def _folder(backend: ImapBackend, name: str) -> FolderListing | None:
    return next((folder for folder in await backend.folders() if folder.name == name), None)


async def _names(backend: ImapBackend) -> set[str]:
    return {folder.name for folder in await backend.folders()}


@sends("NAMESPACE", 'LIST "" "*" RETURN (SUBSCRIBED SPECIAL-USE STATUS (MESSAGES UNSEEN UIDNEXT UIDVALIDITY HIGHESTMODSEQ')
async def test_roles_and_counts_come_in_one_turn(server: Server) -> None:
    other = server.other()
    other.deliver(mail(1))
    other.deliver(mail(2), flags=["\\Seen"])
    backend = await server.backend()
    server.forget()
    start = len(server.log)
    folders = {folder.name: folder for folder in await backend.folders()}
    first = [direction for direction, _ in server.log[start:]].index("C")
    assert [direction for direction, _ in server.log[start + first :]][:3] == ["C", "C", "S"]
    await backend.folders()
    assert [line.split()[0] for line in server.said] == ["NAMESPACE", "LIST", "LIST"]
    roles = {name: folder.role for name, folder in folders.items()}
    assert roles == {
        "INBOX": FolderRole.INBOX,
        "Archive": FolderRole.ARCHIVE,
        "Drafts": FolderRole.DRAFTS,
        "Junk": FolderRole.JUNK,
        "Sent": FolderRole.SENT,
        "Trash": FolderRole.TRASH,
    } | {name: None for name in roles if name.split("/")[0] in ("Archive/2025", "Lists", "Projekte") or "/" in name}
    inbox = folders["INBOX"]
    assert inbox.delimiter == "/"
    assert inbox.status is not None
    assert (inbox.status.messages, inbox.status.unseen, inbox.status.uidnext) == (2, 1, 3)
    assert inbox.status.uidvalidity == other.status("INBOX", "UIDVALIDITY")
    assert inbox.status.highestmodseq == other.status("INBOX", "HIGHESTMODSEQ")


@sends('STATUS "INBOX" (MESSAGES UNSEEN UIDNEXT UIDVALIDITY HIGHESTMODSEQ')
async def test_status_of_one_folder(server: Server) -> None:
    other = server.other()
    other.deliver(mail(1), flags=["\\Seen"])
    other.deliver(mail(2))
    backend = await server.backend()
    status = await backend.status("INBOX")
    assert (status.messages, status.unseen, status.uidnext) == (2, 1, 3)
    assert status.uidvalidity == other.status("INBOX", "UIDVALIDITY")


async def test_status_of_a_missing_folder(server: Server) -> None:
    backend = await server.backend()
    with pytest.raises(ServerRefused) as refused:
        await backend.status("Nowhere")
    assert refused.value.code == "NONEXISTENT"


@sends("LIST", "LSUB")
async def test_without_list_extended_subscriptions_come_by_lsub(make_server: ServerMaker) -> None:
    server = make_server("LIST-EXTENDED")
    other = server.other()
    other.create("In")
    other.create("Out")
    other.unsubscribe("Out")
    backend = await server.backend()
    subscribed = {folder.name: folder.subscribed for folder in await backend.folders()}
    assert subscribed["In"] is True
    assert subscribed["Out"] is False


@sends('LIST "" "*"')
async def test_new_and_other_names_are_noticed_cheaply(server: Server) -> None:
    other = server.other()
    other.create("Before")
    backend = await server.backend()
    await backend.folders()
    assert not await backend.folders_renamed()
    other.rename("Before", "Behind")
    server.forget()
    assert await backend.folders_renamed()
    assert server.said == ['LIST "" "*"']
    await backend.folders()
    assert not await backend.folders_renamed()
    other.deliver(mail(1))
    assert not await backend.folders_renamed()


async def test_without_list_status_the_counts_are_left_out(make_server: ServerMaker) -> None:
    server = make_server("LIST-STATUS")
    backend = await server.backend()
    folders = await backend.folders()
    assert {folder.status for folder in folders} == {None}
    assert {folder.role for folder in folders} >= {FolderRole.SENT, FolderRole.TRASH}


@pytest.mark.parametrize(("name", "wire"), NAMES.items())
async def test_names(server: Server, name: str, wire: str) -> None:
    other, backend = server.other(), await server.backend()
    await backend.create(name)
    await backend.subscribe(name, True)
    assert wire in other.folders()
    assert wire in other.subscribed()
    other.deliver(PLAIN, wire)
    found = await _folder(backend, name)
    assert found is not None
    assert (found.delimiter, found.subscribed, found.selectable) == ("/", True, True)
    assert (await backend.select(name)).exists == 1
    assert (await backend.append(name, PLAIN, frozenset(), None)).uid == 2
    await backend.rename(name, name + " 2")
    assert wire not in other.folders()
    await backend.select(name + " 2")
    assert len(await backend.uids()) == 2
    await backend.delete(name + " 2")
    assert await _names(backend) & {name, name + " 2"} == set()


@pytest.mark.parametrize(("name", "wire"), NAMES.items())
async def test_names_that_another_client_made(server: Server, name: str, wire: str) -> None:
    server.other().create(f"Up/{wire}")
    backend = await server.backend()
    assert f"Up/{name}" in await _names(backend)
    assert (await backend.select(f"Up/{name}")).exists == 0
    await backend.delete(f"Up/{name}")
    assert f"Up/{wire}" not in server.other().folders()


async def test_a_folder_with_a_wildcard_in_its_name_is_deleted_alone(server: Server) -> None:
    other, backend = server.other(), await server.backend()
    for name in ("st*r", "star", "stir"):
        other.create(name)
    await backend.delete("st*r")
    await backend.subscribe("star", False)
    assert other.folders() & {"st*r", "star", "stir"} == {"star", "stir"}
    assert other.subscribed() & {"star", "stir"} == {"stir"}


async def test_nested_folders(server: Server) -> None:
    other, backend = server.other(), await server.backend()
    await backend.create("Work/Maps/Harbours")
    other.deliver(PLAIN, "Work/Maps/Harbours")
    folders = {folder.name: folder for folder in await backend.folders()}
    assert folders["Work/Maps/Harbours"].selectable
    assert not folders["Work/Maps"].selectable
    assert folders["Work/Maps"].status is None
    with pytest.raises(ServerRefused):
        await backend.select("Work/Maps")
    await backend.create("Work/Maps")
    assert (await backend.select("Work/Maps")).exists == 0


async def test_the_other_delimiter_and_a_prefix(make_demo: DemoMaker) -> None:
    demo = make_demo(delimiter=".", prefix="INBOX.")
    other, backend = demo.other(), await demo.backend()
    await backend.create("INBOX.Projekte.Köln/Bonn")
    other.create("INBOX.A/B")
    folders = {folder.name: folder for folder in await backend.folders()}
    assert {folder.delimiter for folder in folders.values()} == {"."}
    assert {"INBOX.Projekte.Köln/Bonn", "INBOX.A/B", "INBOX.Sent"} <= set(folders)
    assert folders["INBOX.Sent"].role is FolderRole.SENT
    await backend.rename("INBOX.Projekte", "INBOX.Reisen")
    assert "INBOX.Reisen.K&APY-ln/Bonn" in other.folders()


@sends('CREATE "Work"')
async def test_creating_what_exists_is_no_error(server: Server) -> None:
    backend = await server.backend()
    server.other().create("Work")
    await backend.create("Work")
    await backend.create("INBOX")


@pytest.mark.parametrize("name", ["", "a\nb", "a\0b", "\x7f"])
async def test_a_name_that_cannot_be(server: Server, name: str) -> None:
    backend = await server.backend()
    server.forget()
    with pytest.raises(InputWrong):
        await backend.create(name)
    with pytest.raises(InputWrong):
        await backend.rename("Sent", name)
    assert server.said == []


@sends('CREATE "Stars" (USE (\\Flagged))')
async def test_special_use_is_asked_for_where_it_is_taken(demo: Demo) -> None:
    backend = await demo.backend()
    await backend.create("Stars", FolderRole.FLAGGED)
    found = await _folder(backend, "Stars")
    assert found is not None
    assert found.role is FolderRole.FLAGGED


async def test_a_use_that_is_taken_costs_only_the_use(demo: Demo) -> None:
    backend = await demo.backend()
    await backend.create("Second trash", FolderRole.TRASH)
    found = await _folder(backend, "Second trash")
    assert found is not None
    assert found.role is None


async def test_without_special_use_a_folder_is_created_all_the_same(make_server: ServerMaker) -> None:
    server = make_server("CREATE-SPECIAL-USE")
    backend = await server.backend()
    await backend.create("Stars", FolderRole.FLAGGED)
    assert "Stars" in server.other().folders()
    assert 'CREATE "Stars"' in server.said


@sends('RENAME "Work" "Play"')
async def test_rename_takes_the_folders_below_along(server: Server) -> None:
    other, backend = server.other(), await server.backend()
    for name in ("Work", "Work/Maps", "Work/Maps/Harbours", "Workshop"):
        other.create(name)
    other.deliver(mail(1), "Work")
    other.deliver(mail(2), "Work/Maps/Harbours")
    await backend.rename("Work", "Play")
    assert {"Play", "Play/Maps", "Play/Maps/Harbours", "Workshop"} <= other.folders()
    assert not any(name == "Work" or name.startswith("Work/") for name in other.folders())
    assert other.raws("Play/Maps/Harbours") == [mail(2)]
    assert (await backend.select("Play")).exists == 1


async def test_rename_to_below_a_new_folder(server: Server) -> None:
    other, backend = server.other(), await server.backend()
    other.create("Maps")
    other.deliver(PLAIN, "Maps")
    await backend.rename("Maps", "Old/2024/Maps")
    assert other.raws("Old/2024/Maps") == [PLAIN]


@sends("UNSELECT", 'RENAME "Work" "Play"')
async def test_the_renamed_folder_is_not_selected_any_more(server: Server) -> None:
    server.other().create("Work")
    backend = await server.backend()
    await backend.select("Work")
    await backend.rename("Work", "Play")
    assert backend.selected is None
    assert (await backend.select("Play")).exists == 0


async def test_renaming_what_is_missing_or_taken(server: Server) -> None:
    backend = await server.backend()
    with pytest.raises(ServerRefused) as refused:
        await backend.rename("Nowhere", "Somewhere")
    assert refused.value.code == "NONEXISTENT"
    server.other().create("Here")
    server.other().create("There")
    with pytest.raises(ServerRefused) as refused:
        await backend.rename("Here", "There")
    assert refused.value.code == "ALREADYEXISTS"


@sends("UNSELECT", 'DELETE "Work"')
async def test_delete(server: Server) -> None:
    other, backend = server.other(), await server.backend()
    other.create("Work")
    other.deliver(PLAIN, "Work")
    await backend.select("Work")
    await backend.delete("Work")
    assert "Work" not in other.folders()
    assert backend.selected is None
    await backend.delete("Work")
    await backend.delete("Never was")


async def test_the_selected_folder_is_left_without_unselect_too(make_server: ServerMaker) -> None:
    server = make_server("UNSELECT")
    other, backend = server.other(), await server.backend()
    other.create("Work")
    uid = other.deliver(PLAIN, flags=["\\Deleted"])
    await backend.select("Work")
    server.forget()
    await backend.delete("Work")
    assert [line.partition(" ")[0] for line in server.said] == ["EXAMINE", "CLOSE", "DELETE"]
    assert other.uids() == [uid]
    assert (await backend.select("INBOX")).exists == 1


async def test_delete_leaves_what_is_below(server: Server) -> None:
    other, backend = server.other(), await server.backend()
    other.create("Work")
    other.create("Work/Maps")
    other.deliver(PLAIN, "Work/Maps")
    await backend.delete("Work")
    assert other.raws("Work/Maps") == [PLAIN]


async def test_inbox_cannot_be_deleted(server: Server) -> None:
    backend = await server.backend()
    with pytest.raises(ServerRefused):
        await backend.delete("INBOX")


@sends('SUBSCRIBE "Work"', 'UNSUBSCRIBE "Work"')
async def test_subscriptions(server: Server) -> None:
    other, backend = server.other(), await server.backend()
    other.create("Work")
    await backend.subscribe("Work", False)
    assert "Work" not in other.subscribed()
    found = await _folder(backend, "Work")
    assert found is not None
    assert not found.subscribed
    await backend.subscribe("Work", True)
    assert "Work" in other.subscribed()


async def test_a_subscription_to_what_is_gone_is_no_folder(server: Server) -> None:
    other, backend = server.other(), await server.backend()
    other.create("Work")
    other.delete("Work")
    assert "Work" not in await _names(backend)


async def test_without_special_use_there_is_no_role_but_inbox(make_server: ServerMaker) -> None:
    server = make_server("SPECIAL-USE")
    backend = await server.backend()
    listed = await backend.folders()
    assert not any("SPECIAL-USE" in line for line in server.said if line.startswith("LIST"))
    assert {"INBOX", "Sent", "Trash"} <= {folder.name for folder in listed}
    assert next(folder for folder in listed if folder.name == "INBOX").role is FolderRole.INBOX


async def test_the_mailbox_id_survives_a_rename(demo: Demo) -> None:
    backend = await demo.backend()
    await backend.create("Work")
    before: FolderStatus = await backend.status("Work")
    await backend.rename("Work", "Play")
    assert before.mailbox_id
    assert (await backend.status("Play")).mailbox_id == before.mailbox_id
