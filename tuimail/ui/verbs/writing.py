# SPDX-License-Identifier: GPL-3.0-or-later
"""Compose, reply, forward, and the outbox."""

import asyncio
import time
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, ClassVar

from tuimail.model.draft import Draft, OutboxItem, OutboxState
from tuimail.model.errors import InputWrong
from tuimail.model.ids import MessageId
from tuimail.ui import dialogs
from tuimail.ui.verbs.group import Commands, Verbs

if TYPE_CHECKING:
    from tuimail.ui.widgets.completion import Candidate

_MOMENT = 0.8
"""Seconds until it is told that something is being fetched: less than keys wait for a screen that a command opens."""
_STATES = {
    OutboxState.HELD: "waits",
    OutboxState.QUEUED: "queued",
    OutboxState.SENDING: "being sent",
    OutboxState.HANDED_OVER: "handed over",
    OutboxState.UNKNOWN: "handed over, answer unknown",
    OutboxState.REFUSED: "refused",
}


class Writing(Verbs):
    """Ways into the composer."""

    def compose(self) -> None:
        """A new message."""
        folder = self.engine.pages.folder(self.mailbox.folder) if self.mailbox.folder is not None else None
        self._edit(self.engine.composer.new(folder.account if folder else None))

    async def reply(self) -> None:
        """Answer the author."""
        await self._edit_when_made(self.engine.composer.reply(self._message()))

    async def reply_all(self) -> None:
        """Answer the author and all recipients."""
        await self._edit_when_made(self.engine.composer.reply(self._message(), everyone=True))

    async def reply_list(self) -> None:
        """Answer to the mailing list."""
        await self._edit_when_made(self.engine.composer.reply_to_list(self._message()))

    async def forward(self) -> None:
        """Pass the message on with its attachments."""
        await self._edit_when_made(self.engine.composer.forward(self._message()))

    async def forward_attached(self) -> None:
        """Pass the message on as a file."""
        await self._edit_when_made(self.engine.composer.forward(self._message(), as_attachment=True))

    async def edit_stored(self, message: MessageId) -> None:
        """Go on with a draft that lies on the server."""
        await self._edit_when_made(self.engine.composer.edit_stored(message))

    async def go_outbox(self) -> None:
        """Show what waits to be sent, and let it be taken back, sent now or removed; what may have arrived, filed in Sent."""
        items = self.engine.outbox.all()
        if not items:
            raise InputWrong("The outbox is empty.")
        item = await self.mailbox.ask(dialogs.Choose("Outbox", [(_choice(item), item) for item in items]))
        if item is None:
            return
        if item.state in (OutboxState.SENDING, OutboxState.HANDED_OVER):
            raise InputWrong("It is being handed over right now.")
        match await self.mailbox.ask(dialogs.Choose(item.subject or "(no subject)", _verbs_for(item))):
            case "arrived":
                await self.engine.outbox.arrived(item.id)
                self.mailbox.say("Filed in Sent")
            case "edit":
                self._take_back(item)
            case "now":
                self.engine.outbox.send_again(item.id)
            case "remove":
                self.engine.outbox.remove(item.id)
            case "drop":
                self._drop(item)

    def _take_back(self, item: OutboxItem) -> None:
        draft = self.engine.outbox.take_back(item.id)
        if draft is not None:
            self.mailbox.edit_again(draft)

    def _drop(self, item: OutboxItem) -> None:
        draft = self.engine.outbox.drop(item.id)
        if draft is None:
            self.mailbox.say("Taken out of the outbox")
        else:
            self.mailbox.offer_undo("Dropped, with its draft", lambda: self.engine.composer.restore(draft))

    async def redirect(self) -> None:
        """Pass the message on unchanged."""
        message = self._message()
        dialog = dialogs.Prompt("Redirect to", help="The message goes there unchanged", complete=self._people, separator=",")
        typed = await self.mailbox.ask(dialog)
        if typed:
            self.mailbox.sent(await self.engine.redirect.send(message, typed))

    def _people(self, typed: str) -> "list[Candidate]":
        from tuimail.ui.widgets.completion import Candidate

        return [Candidate(str(person)) for person in self.engine.finder.people(typed)]

    def _message(self) -> MessageId:
        chosen = self.mailbox.chosen()
        if not chosen:
            raise InputWrong("There is no message there.")
        return chosen[0]

    async def _edit_when_made(self, making: Coroutine[Any, Any, Draft]) -> None:
        """Edit a draft for which a text may have to be fetched. What takes longer is told, and given up by escape."""
        task = asyncio.create_task(making)
        try:
            _, waiting = await asyncio.wait({task}, timeout=_MOMENT)
            if not waiting or await self.mailbox.ask(dialogs.Fetching("The text of the message is on its way here.", task)):
                self._edit(await task)
        finally:
            task.cancel()

    def _edit(self, draft: Draft) -> None:
        self.mailbox.edit(draft)

    PERFORMS: ClassVar[Commands] = {
        "compose": compose,
        "reply": reply,
        "reply_all": reply_all,
        "reply_list": reply_list,
        "forward": forward,
        "forward_attached": forward_attached,
        "redirect": redirect,
        "go_outbox": go_outbox,
    }


def _choice(item: OutboxItem) -> "dialogs.Choice":
    wait = item.due - int(time.time())
    when = f" {wait} s" if item.state is OutboxState.HELD and wait > 0 else ""
    trouble = f" – {item.error}" if item.error else ""
    state = _STATES.get(item.state, str(item.state))
    return dialogs.Choice(f"{item.subject or '(no subject)'} → {', '.join(item.recipients)}", f"{state}{when}{trouble}")


def _verbs_for(item: OutboxItem) -> "list[tuple[dialogs.Choice, str]]":
    """What may become of it, in the user's words, and what each is called in `Writing.go_outbox`."""
    unsure, has_draft = item.state is OutboxState.UNKNOWN, item.draft is not None
    if unsure:
        verbs = [
            ("a", "It arrived: file it in Sent", "arrived"),
            ("s", "Send it again (it may arrive twice)", "now"),
            ("e", "Take it back as a draft (it may have arrived)", "edit"),
            ("d", "Drop it (it may have arrived)", "drop"),
        ]
    else:
        keep = "Do not send it, keep the draft" if has_draft else "Do not send it"
        verbs = [("e", "Take it back and edit it", "edit"), ("s", "Send it now", "now"), ("d", keep, "remove")]
    return [(dialogs.Choice(words, key=key), verb) for key, words, verb in verbs if has_draft or verb != "edit"]
