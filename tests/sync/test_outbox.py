# SPDX-License-Identifier: GPL-3.0-or-later
"""Sending what is due: nothing twice, nothing lost."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tests.sync.memory_backend import MemoryBackend
from tests.sync.memory_server import Mail, MemoryServer, Traits
from tuimail.backends.port import ProgressSink
from tuimail.backends.submission import MailSender, Sent
from tuimail.model.draft import Draft, DraftKind, OutboxItem, OutboxState, RefusedRecipient
from tuimail.model.errors import AnswerUnknown, Offline, ServerRefused, SignInNeeded, TryLater, TuimailError
from tuimail.model.flags import ANSWERED, SEEN
from tuimail.model.folder import FolderRole
from tuimail.model.ids import AccountId, DraftId, MessageId, OutboxId
from tuimail.store.store import Store
from tuimail.sync.outbox import OutboxSender
from tuimail.sync.pull import Puller
from tuimail.sync.push import Pusher

RAW = b"Message-ID: <out@x>\r\nTo: bob@x\r\n\r\nhello\r\n"


@dataclass
class ScriptedSender:
    """A submission server that does what it is told."""

    before: Exception | None = None
    after: Exception | None = None
    refused: tuple[RefusedRecipient, ...] = ()
    taken: list[tuple[str, ...]] = field(default_factory=list)
    at_dot: Callable[[], None] | None = None
    hang: bool = False

    async def send(
        self,
        sender: str,
        recipients: tuple[str, ...],
        message: bytes,
        *,
        progress: ProgressSink | None = None,
        before_dot: Callable[[], None] | None = None,
    ) -> Sent:
        if self.before is not None:
            raise self.before
        if before_dot is not None:
            before_dot()
        if self.at_dot is not None:
            self.at_dot()
        if self.hang:
            await asyncio.Event().wait()
        if self.after is not None:
            raise self.after
        refused = {one.address for one in self.refused}
        accepted = tuple(address for address in recipients if address not in refused)
        self.taken.append(accepted)
        return Sent(accepted, tuple(one for one in self.refused if one.address in recipients))

    async def check(self) -> None:
        return None


class Office:
    """A store with one account, a server with a Sent folder, and one draft in the outbox."""

    def __init__(self, folder: Path, *, sent_folder: bool = True) -> None:
        self.store = Store.open(folder)
        self.account: AccountId = self.store.accounts.ensure("main")
        self.server = MemoryServer(Traits(), ("INBOX", "Sent") if sent_folder else ("INBOX",))
        self.backend = MemoryBackend(self.server)
        self.server.boxes["INBOX"].put(Mail("<question@x>", 10, frozenset(), 0))
        self.sender = ScriptedSender()
        self.now = 1000.0

    async def pull(self) -> None:
        await Puller(self.store, self.account, lambda _: None).sweep(self.backend)

    async def push(self) -> None:
        await Pusher(self.store, self.account, lambda _: None).push(self.backend)
        await self.pull()

    def item(self, *recipients: str, stored: MessageId | None = None) -> OutboxId:
        inbox = self.store.folders.by_role(self.account, FolderRole.INBOX)
        assert inbox is not None
        source = MessageId(self.store.messages.order(inbox.id)[0])
        draft = self.store.drafts.new(Draft(DraftId(0), self.account, DraftKind.REPLY, source=source, stored=stored))
        item = OutboxItem(
            OutboxId(0), self.account, draft.id, OutboxState.HELD, self.store.blobs.write(RAW), "<out@x>", "me@x",
            recipients or ("bob@x",), "Hello", len(RAW), 1000,
        )  # fmt: skip
        return self.store.outbox.add(item).id

    def state(self, item: OutboxId) -> OutboxState | None:
        found = self.store.outbox.get(item)
        return found.state if found else None

    async def send(self) -> int:
        def sender() -> MailSender:
            return self.sender

        box = OutboxSender(self.store, self.account, sender, lambda _: None, random=lambda: 0.5, clock=lambda: self.now)
        return await box.send_due()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path / "store")
    yield office
    office.store.close()


async def test_what_was_sent_is_filed_once_and_its_source_marked(office: Office) -> None:
    await office.pull()
    item = office.item()
    assert await office.send() == 1
    assert office.sender.taken == [("bob@x",)]
    assert office.state(item) is None
    assert office.store.drafts.all() == ()
    await office.push()
    assert [(mail.raw, mail.flags) for mail in office.server.boxes["Sent"].messages.values()] == [(RAW, frozenset({SEEN}))]
    assert [mail.flags for mail in office.server.boxes["INBOX"].messages.values()] == [frozenset({ANSWERED})]
    assert list(office.store.folder.joinpath("blobs").iterdir()) == []


async def test_a_server_that_files_sent_mail_gets_no_second_copy(office: Office) -> None:
    await office.pull()
    office.server.boxes["Sent"].put(Mail("<out@x>", len(RAW), frozenset(), 0))
    office.item()
    await office.send()
    await office.push()
    assert len(office.server.boxes["Sent"].messages) == 1
    assert office.store.accounts.learned(office.account, "files-sent") == "server"


async def test_a_sent_folder_is_made_where_there_is_none(tmp_path: Path) -> None:
    office = Office(tmp_path / "store", sent_folder=False)
    await office.pull()
    office.item()
    await office.send()
    await office.push()
    assert len(office.server.boxes["Sent"].messages) == 1
    office.store.close()


async def test_handed_over_is_on_disk_before_the_dot(office: Office) -> None:
    await office.pull()
    item = office.item()
    seen: list[OutboxState | None] = []

    def at_dot() -> None:
        other = office.store.another()
        found = other.outbox.get(item)
        seen.append(found.state if found else None)
        other.close()

    office.sender.at_dot = at_dot
    await office.send()
    assert seen == [OutboxState.HANDED_OVER]


@pytest.mark.parametrize(
    ("before", "after", "state"),
    [
        (Offline("Gone."), None, OutboxState.QUEUED),
        (TryLater("Greylisted."), None, OutboxState.QUEUED),
        (SignInNeeded("No."), None, OutboxState.QUEUED),
        (ServerRefused("No such user.", code="550"), None, OutboxState.REFUSED),
        (None, TryLater("Later."), OutboxState.QUEUED),
        (None, ServerRefused("Spam.", code="554"), OutboxState.REFUSED),
        (None, AnswerUnknown("No answer."), OutboxState.UNKNOWN),
        (None, Offline("Gone."), OutboxState.UNKNOWN),
    ],
)
async def test_failures(office: Office, before: TuimailError | None, after: TuimailError | None, state: OutboxState) -> None:
    await office.pull()
    item = office.item()
    office.sender.before, office.sender.after = before, after
    assert await office.send() == 0
    assert office.state(item) is state
    assert office.store.actions.count() == 0
    found = office.store.outbox.get(item)
    assert found is not None
    assert found.error
    office.sender.before = office.sender.after = None
    assert await office.send() == 0, "not before its time"
    office.now += 100_000
    assert await office.send() == (state is OutboxState.QUEUED)


@pytest.mark.parametrize("handed_over", [False, True])
async def test_a_mistake_of_our_own_leaves_nobody_waiting(office: Office, *, handed_over: bool) -> None:
    await office.pull()
    item = office.item()
    mistake = ValueError("a mistake")
    office.sender.before, office.sender.after = (None, mistake) if handed_over else (mistake, None)
    with pytest.raises(ValueError, match="a mistake"):
        await office.send()
    assert office.state(item) is (OutboxState.UNKNOWN if handed_over else OutboxState.QUEUED)
    office.sender.before = office.sender.after = None
    office.now += 100_000
    assert await office.send() == (not handed_over)


async def test_refused_recipients_stay_and_are_not_doubled(office: Office) -> None:
    await office.pull()
    item = office.item("bob@x", "eve@x")
    office.sender.refused = (RefusedRecipient("eve@x", 550, "unknown"),)
    assert await office.send() == 1
    left = office.store.outbox.get(item)
    assert left is not None
    assert (left.state, left.recipients) == (OutboxState.REFUSED, ("eve@x",))
    assert left.error == "Not delivered to eve@x (550 unknown)"
    await office.push()
    assert len(office.server.boxes["Sent"].messages) == 1
    office.sender.refused = ()
    office.store.outbox.save(replace(left, state=OutboxState.QUEUED))
    assert await office.send() == 1
    assert office.sender.taken == [("bob@x",), ("eve@x",)]
    await office.push()
    assert len(office.server.boxes["Sent"].messages) == 1


async def test_recipients_that_are_refused_for_a_while_are_tried_again(office: Office) -> None:
    await office.pull()
    item = office.item("bob@x", "eve@x", "joe@x")
    office.sender.refused = (RefusedRecipient("eve@x", 550, "unknown"), RefusedRecipient("joe@x", 452, "too many"))
    assert await office.send() == 1
    left = office.store.outbox.get(item)
    assert left is not None
    assert (left.state, left.recipients) == (OutboxState.QUEUED, ("eve@x", "joe@x"))
    assert left.error == "Not delivered to eve@x (550 unknown), joe@x (452 too many)"
    assert await office.send() == 0, "not before its time"
    office.now += 100_000
    office.sender.refused = (RefusedRecipient("eve@x", 550, "unknown"),)
    assert await office.send() == 1
    left = office.store.outbox.get(item)
    assert left is not None
    assert (left.state, left.recipients, left.error) == (
        OutboxState.REFUSED, ("eve@x",), "Not delivered to eve@x (550 unknown)"
    )  # fmt: skip
    assert office.sender.taken == [("bob@x",), ("joe@x",)]
    await office.push()
    assert len(office.server.boxes["Sent"].messages) == 1


async def test_stopping_before_the_dot_keeps_it_queued_and_after_it_unknown(office: Office) -> None:
    await office.pull()
    item = office.item()
    reached = asyncio.Event()
    office.sender.hang, office.sender.at_dot = True, reached.set
    task = asyncio.create_task(office.send())
    await reached.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert office.state(item) is OutboxState.UNKNOWN


async def test_what_was_sent_and_cannot_be_noted_is_not_sent_again(office: Office) -> None:
    await office.pull()
    item = office.item()
    room = office.store.blobs.path("")
    moved = room.with_name("elsewhere")

    def at_dot() -> None:
        room.rename(moved)
        room.write_text("no folder")

    office.sender.at_dot = at_dot
    assert await OutboxSender(
        office.store, office.account, lambda: office.sender, lambda _: None, random=lambda: 0.5,
        clock=lambda: office.now, sent_copy=lambda raw, _: raw + b"Bcc",
    ).send_due() == 0  # fmt: skip
    found = office.store.outbox.get(item)
    assert found is not None
    assert (found.state, found.error_kind) == (OutboxState.UNKNOWN, "AnswerUnknown")
    assert "do not send it again" in found.error
    office.now += 100_000
    assert await office.send() == 0
    assert office.sender.taken == [("bob@x",)]


@pytest.mark.parametrize("soon", [True, False])
async def test_a_clock_that_is_set_back_holds_up_only_what_was_given_a_time(office: Office, soon: bool) -> None:
    await office.pull()
    number = office.item()
    item = office.store.outbox.get(number)
    assert item is not None
    office.store.outbox.save(replace(item, due=int(office.now) + 10, soon=soon))
    assert await office.send() == 0
    office.now -= 365 * 86_400
    assert await office.send() == soon
    office.now += 366 * 86_400
    assert await office.send() == (not soon)
    assert len(office.sender.taken) == 1


async def test_an_attempt_is_repeated_although_the_clock_was_set_back(office: Office) -> None:
    await office.pull()
    office.item()
    office.sender.before = TryLater("Greylisted.")
    assert await office.send() == 0
    office.sender.before = None
    office.now -= 365 * 86_400
    assert await office.send() == 1
