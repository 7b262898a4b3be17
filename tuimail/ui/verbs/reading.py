# SPDX-License-Identifier: GPL-3.0-or-later
"""The reader's commands: views, attachments, links, saving, piping."""

import asyncio
import os
import sys
from collections.abc import Awaitable
from pathlib import Path
from typing import ClassVar

from tuimail.engine.actions import Done
from tuimail.engine.reader import OpenMessage
from tuimail.model.errors import InputWrong
from tuimail.model.part import Part
from tuimail.model.rendered import Link
from tuimail.model.typed_path import home_folder, typed_path
from tuimail.ui import dialogs
from tuimail.ui.editor import arguments
from tuimail.ui.verbs.group import Commands, Verbs
from tuimail.ui.widgets.body_row import openable
from tuimail.ui.widgets.message_head import size_text


class Reading(Verbs):
    """What is done with an open message."""

    async def next_view(self) -> None:
        """Reader → full → plain → source."""
        await self.mailbox.reader.next_view()

    async def all_headers(self) -> None:
        """Show all header fields, or the usual ones again."""
        await self.mailbox.reader.toggle_headers()

    def next_message(self, step: int = 1) -> Awaitable[None] | None:
        """Open the next message of the list. Where the open one is gone, the cursor is on that already."""
        index = self.mailbox.list.cursor_index + (min(step, 0) if self.mailbox.reader.gone else step)
        if not 0 <= index < self.mailbox.list.line_count:
            return None
        self.mailbox.list.move_to(index)
        return self.mailbox.open_message(self.mailbox.list.source.key_at(index))

    def previous_message(self) -> Awaitable[None] | None:
        """Open the previous message of the list."""
        return self.next_message(-1)

    async def attachments(self) -> None:
        """Choose an attachment, or all of them, and save."""
        opened = self._opened()
        if not opened.attachments:
            raise InputWrong("This message has no attachments.")
        choices: list[tuple[dialogs.Choice, tuple[Part, ...]]] = [
            (dialogs.Choice(part.filename or part.content_type, size_text(part.decoded_size)), (part,))
            for part in opened.attachments
        ]
        if len(choices) > 1:
            choices.append((dialogs.Choice("All of them", key="a"), opened.attachments))
        parts = await self.mailbox.ask(dialogs.Choose("Save attachment", choices))
        if parts:
            await self._save_parts(opened, parts)

    async def save(self) -> None:
        """Save the message as a file."""
        opened = self._opened()
        folder = await self._ask_folder("Save message to folder")
        if folder is not None:
            path = await self.engine.attachments.save_message(opened.row.id, folder, opened.row.envelope.subject or "message")
            self.mailbox.tell(Done(f"Saved {path}"))

    async def open_link(self, link: Link) -> None:
        """Open a link that was chosen: in the composer, in a browser where there is one, else by the clipboard."""
        if link.target[:7].lower() == "mailto:":
            self.mailbox.edit(self.engine.composer.from_mailto(link.target))
            return
        if not openable(link):
            raise InputWrong("Only http, https and mailto links are opened.")
        if link.warning and not await self.mailbox.ask(dialogs.Confirm(f"{link.warning} Open {link.target}?", yes="Open")):
            return
        self.mailbox.app.copy_to_clipboard(link.target)
        if any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")):
            await self._browse(link.target)
        else:
            self.mailbox.say(f"Copied {link.target}")

    async def _browse(self, target: str) -> None:
        """Give a link to the user's browser. It does not get the terminal: what browsers write would stand on the screen."""
        nothing = asyncio.subprocess.DEVNULL
        python = (sys.executable, "-I", "-m", "webbrowser")
        process = await asyncio.create_subprocess_exec(*python, target, stdin=nothing, stdout=nothing, stderr=nothing)
        self.mailbox.say(f"Opened {target}")
        await process.wait()

    async def copy(self) -> None:
        """Copy the message's text."""
        opened = self._opened()
        self.mailbox.app.copy_to_clipboard("\n".join("> " * line.quote + line.text for line in opened.body.lines))
        self.mailbox.say("The text was copied")

    async def pipe(self) -> None:
        """Give the raw message to a program, without a shell between."""
        opened = self._opened()
        typed = await self.mailbox.ask(dialogs.Prompt("Pipe the message to", help="A command with its arguments"))
        if typed:
            command = arguments(typed)
            await self._run(command, await self.engine.reader.raw(opened.row.id))

    async def print_(self) -> None:
        """Print the message's text by lpr."""
        opened = self._opened()
        text = "\n".join("> " * line.quote + line.text for line in opened.body.lines)
        await self._run(["lpr"], text.encode())

    async def _run(self, arguments: list[str], data: bytes) -> None:
        try:
            process = await asyncio.create_subprocess_exec(
                *arguments, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
            )
        except OSError as error:
            raise InputWrong(f"{arguments[0]} cannot be started: {error.strerror}.") from error
        await process.communicate(data)
        self.mailbox.say(f"{arguments[0]} ended with {process.returncode}")

    async def _save_parts(self, opened: OpenMessage, parts: tuple[Part, ...]) -> None:
        folder = await self._ask_folder("Save to folder")
        if folder is None:
            return
        paths = [await self.engine.attachments.save(opened.row.id, part, folder) for part in parts]
        self.mailbox.tell(Done(f"Saved {', '.join(path.name for path in paths)} to {folder}"))

    async def _ask_folder(self, title: str) -> Path | None:
        typed = await self.mailbox.ask(dialogs.Prompt(title, value=str(_downloads())))
        return typed_path(typed) if typed else None

    def _opened(self) -> OpenMessage:
        opened = self.mailbox.reader.shown
        if opened is None:
            raise InputWrong("No message is open.", "enter opens the one under the cursor.")
        return opened

    PERFORMS: ClassVar[Commands] = {
        "next_view": next_view,
        "all_headers": all_headers,
        "next_message": next_message,
        "previous_message": previous_message,
        "attachments": attachments,
        "save": save,
        "copy": copy,
        "pipe": pipe,
        "print": print_,
    }


def _downloads() -> Path:
    downloads = home_folder() / "Downloads"
    return downloads if downloads.is_dir() else home_folder()
