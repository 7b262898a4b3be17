# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps that the user, other programs, the network and the server make in a random order, and what must be true after them."""

import itertools
from collections import Counter
from dataclasses import dataclass, field

from tests.sync.world import World
from tuimail.model.action import Append, Copy, CreateFolder, Expunge, Move, RenameFolder, SetFlags
from tuimail.model.errors import InputWrong
from tuimail.model.flags import FLAGGED, SEEN
from tuimail.model.ids import FolderId, MessageId
from tuimail.sync.carry_messages import DOUBTFUL
from tuimail.sync.settle import DELETED_ELSEWHERE, UNCLEAR


@dataclass
class Wishes:
    """What must be true of a message in the end, unless the user was told that it cannot be."""

    copies: int = 1
    """How many there may be at most."""
    may_look_like_two: bool = False
    """It was moved while we looked: that may have been seen at both places."""
    may_be_gone: bool = False
    """Somebody deleted a copy of it."""
    keywords: dict[str, bool] = field(default_factory=dict)
    """Set by the user; False: taken back."""
    appended: bool = False
    """Ours to bring there."""
    homes: set[FolderId] | None = None
    """Where the user's last move may have left it; None: anywhere."""


class History:
    """Plays steps on a world and remembers what they ask for."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.wishes: dict[str, Wishes] = {}
        self._serial = itertools.count(1)
        self._disguises: dict[str, set[str]] = {}
        self._gestures: dict[str, tuple[str, str]] = {}

    async def play(self, step: str, first: int, second: int) -> None:
        await getattr(self, f"_{step}")(first, second)

    async def _deliver(self, first: int, second: int) -> None:
        self.wishes[self.world.deliver(self._box(first))] = Wishes()

    async def _their_move(self, first: int, second: int) -> None:
        self._move_theirs(first, second)

    def _move_theirs(self, first: int, second: int, *, meanwhile: bool = False) -> None:
        if found := self._theirs(first, second):
            self._move_on(*found, meanwhile=meanwhile)

    def _move_on(self, name: str, uid: int, target: str, *, meanwhile: bool) -> None:
        source = self.world.server.boxes[name]
        message_id = source.messages[uid].message_id
        self.wishes[message_id].homes = None
        self.wishes[message_id].may_look_like_two |= meanwhile
        self._may_be_two(message_id)
        self.world.server.boxes[target].put(source.messages[uid])
        source.take([uid])

    def _may_be_two(self, message_id: str) -> None:
        """Our COPY may be done, and its source taken away, or renumbered, before we can delete it."""
        if not self.world.traits.move and message_id in self.world.moving():
            self.wishes[message_id].copies += 1
            self.wishes[message_id].homes = None

    async def _their_copy(self, first: int, second: int) -> None:
        if found := self._theirs(first, second):
            name, uid, target = found
            mail = self.world.server.boxes[name].messages[uid]
            self.wishes[mail.message_id].copies += 1
            self.wishes[mail.message_id].homes = None
            self.world.server.boxes[target].put(mail)

    async def _their_flag(self, first: int, second: int) -> None:
        if found := self._theirs(first, second):
            flag = (SEEN, FLAGGED)[second % 2]
            self.world.server.boxes[found[0]].flag([found[1]], frozenset({flag}), frozenset())

    async def _their_expunge(self, first: int, second: int) -> None:
        if found := self._theirs(first, second):
            box = self.world.server.boxes[found[0]]
            self.wishes[box.messages[found[1]].message_id].may_be_gone = True
            box.take([found[1]])

    async def _their_rename(self, first: int, second: int) -> None:
        name = self._box(first)
        if name != "INBOX":
            self._disguise(name, "renamed")
            self.world.server.rename(name, f"{name[:4]}~{next(self._serial)}")

    async def _renumber(self, first: int, second: int) -> None:
        for mail in self.world.server.boxes[self._box(first)].messages.values():
            self._may_be_two(mail.message_id)
        self._disguise(self._box(first), "renumbered")
        self.world.server.renumber(self._box(first))

    def _disguise(self, name: str, how: str) -> None:
        """A folder with another name and another UIDVALIDITY is another folder, where there is no OBJECTID to tell."""
        box = self.world.server.boxes[name]
        disguise = self._disguises.setdefault(box.mailbox_id, set())
        disguise.add(how)
        if len(disguise) > 1 and not self.world.traits.object_id:
            for mail in box.messages.values():
                self.wishes[mail.message_id].homes = None

    async def _flag(self, first: int, second: int) -> None:
        if message := self._mine(first, second):
            keyword = f"k{next(self._serial)}"
            performed = self.world.perform(SetFlags((message,), frozenset({keyword})))
            message_id = self._message_id(message)
            self.wishes[message_id].keywords[keyword] = True
            self._gestures[performed.text] = (message_id, keyword)

    async def _move(self, first: int, second: int) -> None:
        message, target = self._mine(first, second), self._target(second)
        if message and target is not None and self._shown_in(message) != target:
            performed = self.world.perform(Move((message,), target))
            wishes = self.wishes[self._message_id(message)]
            wishes.homes = {target} if wishes.copies == 1 else None
            self._gestures[performed.text] = (self._message_id(message), "")

    async def _copy(self, first: int, second: int) -> None:
        message, target = self._mine(first, second), self._target(second)
        if message and target is not None:
            wishes = self.wishes[self._message_id(message)]
            wishes.copies += 1
            wishes.homes = None
            performed = self.world.perform(Copy((message,), target))
            self._gestures[performed.text] = (self._message_id(message), "copy")

    async def _expunge(self, first: int, second: int) -> None:
        if message := self._mine(first, second):
            self.wishes[self._message_id(message)].may_be_gone = True
            self.world.perform(Expunge((message,)))

    async def _create(self, first: int, second: int) -> None:
        folder = self.world.store.folders.add_waiting(self.world.account, "/")
        self.world.perform(CreateFolder(folder, f"New{next(self._serial)}"))

    async def _rename(self, first: int, second: int) -> None:
        folders = [folder for folder in self.world.store.folders.all(self.world.account) if folder.name != "INBOX"]
        if folders:
            folder = folders[first % len(folders)]
            self.world.perform(RenameFolder(folder.id, folder.name, f"My{next(self._serial)}"))

    async def _undo(self, first: int, second: int) -> None:
        try:
            text = self.world.undo()
        except InputWrong:
            return
        if text in self._gestures:
            message_id, keyword = self._gestures[text]
            wishes = self.wishes[message_id]
            wishes.may_be_gone |= keyword == "copy"
            wishes.keywords |= {keyword: False}
            wishes.homes = None

    async def _sweep(self, first: int, second: int) -> None:
        await self.world.sweep(deep=first % 2 == 0)

    async def _push(self, first: int, second: int) -> None:
        await self.world.push()

    async def _look(self, first: int, second: int) -> None:
        folders = self.world.store.folders.all(self.world.account)
        if folders:
            await self.world.look(folders[first % len(folders)].id)

    async def _fill(self, first: int, second: int) -> None:
        await self.world.fill()

    async def _crash(self, first: int, second: int) -> None:
        self.world.crash()

    async def _lost_push(self, first: int, second: int) -> None:
        self.world.server.lose = ("before", "after")[first % 2]
        self.world.server.lose_after = second // 2
        await self.world.push()

    async def _lost_move(self, first: int, second: int) -> None:
        await self._move(first, second)
        await self._lost_push(second, first)

    async def _lost_copy(self, first: int, second: int) -> None:
        await self._copy(first, second)
        await self._lost_push(second, first)

    async def _lost_flag(self, first: int, second: int) -> None:
        await self._flag(first, second)
        await self._lost_push(second, first)

    async def _lost_append(self, first: int, second: int) -> None:
        self._append(self._target(first), ())
        await self._lost_push(second, first)

    async def _replace(self, first: int, second: int) -> None:
        """A draft is kept anew."""
        if message := self._mine(first, second):
            self.wishes[self._message_id(message)].may_be_gone = True
            self._append(self._shown_in(message), (message,))
            await self._lost_push(first, second)

    def _append(self, folder: FolderId | None, replaces: tuple[MessageId, ...]) -> None:
        if folder is not None:
            message_id = f"<a{next(self._serial)}@x>"
            blob = self.world.store.blobs.write(f"Message-ID: {message_id}\r\n\r\nHello\r\n".encode())
            self.wishes[message_id] = Wishes(homes={folder}, appended=True)
            self.world.perform(Append(folder, blob, message_id, replaces=replaces))

    async def _lost_rename(self, first: int, second: int) -> None:
        await self._rename(first, second)
        await self._rename(first, second)
        await self._lost_push(second, first)

    async def _lost_undo(self, first: int, second: int) -> None:
        await self._lost_push(first, second)
        await self._undo(first, second)
        await self._lost_push(second, 0)

    async def _raced_move(self, first: int, second: int) -> None:
        await self._move(first, second)
        await self._raced(first, second)

    async def _raced_copy(self, first: int, second: int) -> None:
        await self._copy(first, second)
        await self._raced(first, second)

    async def _raced_flag(self, first: int, second: int) -> None:
        await self._flag(first, second)
        await self._raced(first, second)

    async def _raced(self, first: int, second: int) -> None:
        """Another program moves the very message that we are about to touch."""
        waiting = self.world.store.actions.waiting(self.world.account)
        about = sorted(self.world.named[waiting[-1].id]) if waiting and waiting[-1].id in self.world.named else []

        def move_on() -> None:
            places = [
                (name, uid)
                for name, box in self.world.server.boxes.items()
                for uid, mail in box.messages.items()
                if mail.message_id in about
            ]
            if places:
                self._move_on(*places[0], self._box(second), meanwhile=True)

        self.world.server.meanwhile = move_on
        self.world.server.meanwhile_turns = 1 + first
        await self.world.push()

    async def _renumbered_move(self, first: int, second: int) -> None:
        await self._move(first, second)
        await self._renumber(first, second)
        await self._push(first, second)

    async def _renumbered_flag(self, first: int, second: int) -> None:
        await self._their_expunge(first, second)
        await self._renumber(first, second)
        await self._flag(first, second)
        await self._push(first, second)

    async def _lost_sweep(self, first: int, second: int) -> None:
        self.world.server.lose_turns = 3 * first + second
        await self.world.sweep(deep=True)

    async def _raced_sweep(self, first: int, second: int) -> None:
        self._race(first, second)
        await self.world.sweep(deep=True)

    async def _raced_push(self, first: int, second: int) -> None:
        self._race(first, second)
        await self.world.push()

    def _race(self, first: int, second: int) -> None:
        """Another program moves a message while we are at work."""
        self.world.server.meanwhile = lambda: self._move_theirs(first, second, meanwhile=True)
        self.world.server.meanwhile_turns = 2 + first + second

    async def _refused_push(self, first: int, second: int) -> None:
        commands = (
            ("COPY", "RENAME", "CREATE", "MOVE", "STORE", "EXPUNGE") if self.world.traits.move else ("COPY", "RENAME", "CREATE")
        )
        self.world.server.refuse = commands[first % len(commands)]
        await self.world.push()

    def _box(self, number: int) -> str:
        names = sorted(self.world.server.boxes)
        return names[number % len(names)]

    def _theirs(self, first: int, second: int) -> tuple[str, int, str] | None:
        name = self._box(first)
        uids = sorted(self.world.server.boxes[name].messages)
        return (name, uids[second % len(uids)], self._box(first + second + 1)) if uids else None

    def _mine(self, first: int, second: int) -> MessageId | None:
        folders = self.world.store.folders.all(self.world.account)
        if not folders:
            return None
        ids = self.world.store.messages.order(folders[first % len(folders)].id)
        return MessageId(ids[second % len(ids)]) if ids else None

    def _target(self, number: int) -> FolderId | None:
        folders = self.world.store.folders.all(self.world.account)
        return folders[number % len(folders)].id if folders else None

    def _shown_in(self, message: MessageId) -> FolderId:
        row = self.world.store.messages.row(message)
        assert row is not None
        return row.folder

    def _message_id(self, message: MessageId) -> str:
        row = self.world.store.messages.row(message)
        assert row is not None
        return row.envelope.message_id

    def check(self) -> None:
        """What must hold when all is quiet."""
        world = self.world
        assert world.store.actions.count(world.account) == 0
        assert world.shown() == world.on_server()
        assert world.counts_agree()
        excused = {message_id for action in world.failed for message_id in world.named.get(action, ())}
        doubtful = Counter(
            message_id
            for action, notice in world.failed.items()
            if notice.error.message in (DOUBTFUL, UNCLEAR) and "SetFlags" not in notice.text
            for message_id in world.named[action]
        )
        for action, notice in world.failed.items():
            named = [self.wishes[message_id] for message_id in world.named.get(action, ())]
            if notice.error.message == DELETED_ELSEWHERE:
                assert any(wishes.may_be_gone for wishes in named), "nobody deleted it"
            if notice.error.message == UNCLEAR:
                assert any(wishes.copies > 1 or wishes.may_look_like_two for wishes in named), (
                    "there never was another one like it"
                )
        for message_id, wishes in self.wishes.items():
            found = world.server.everywhere(message_id)
            assert len(found) <= wishes.copies + doubtful[message_id], f"{message_id} was doubled"
            assert found or wishes.may_be_gone or (wishes.appended and message_id in excused), f"{message_id} was lost"
            if message_id in excused or wishes.may_be_gone:
                continue
            held = set().union(*(mail.flags for _, mail in found))
            for keyword, wanted in wishes.keywords.items():
                assert not wanted or keyword in held, f"the wish {keyword} on {message_id} was lost"
            if wishes.homes is not None:
                places = {world.folder_id(name) for name, _ in found}
                assert places <= wishes.homes, f"the move of {message_id} was lost"
