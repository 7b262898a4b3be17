# SPDX-License-Identifier: GPL-3.0-or-later
"""Saving parts of messages as files: never over an existing one, never outside the folder that was named."""

import asyncio
import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from tuimail.engine.progress import progress_of
from tuimail.engine.reader import Reader
from tuimail.model.errors import FileProblem
from tuimail.model.ids import MessageId
from tuimail.model.notice import Notice
from tuimail.model.part import Part


class Attachments:
    """Files out of messages."""

    def __init__(self, reader: Reader, publish: Callable[[Notice], None]) -> None:
        self._reader = reader
        self._publish = publish

    async def save(self, message: MessageId, part: Part, folder: Path) -> Path:
        """Fetch a part and write it to a new file in the folder. Returns the file. Raises FileProblem."""
        from tuimail.mime.filename import part_filename

        name = part_filename(part)
        task = f"save:{message}:{part.section}"
        with progress_of(task, f"Fetching {name}", self._publish) as progress:
            content = await self._reader.content(message, part, progress)
        return await asyncio.to_thread(_write_new, folder, name, content)

    async def save_message(self, message: MessageId, folder: Path, name: str) -> Path:
        """Write the whole message as an ``.eml`` file that is named after any text. Returns the file. Raises FileProblem."""
        from tuimail.mime.filename import message_filename

        filename = message_filename(name)
        with progress_of(f"save:{message}", f"Fetching {filename}", self._publish) as progress:
            content = await self._reader.raw(message, progress)
        return await asyncio.to_thread(_write_new, folder, filename, content)


def _write_new(folder: Path, name: str, content: bytes) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        stem, dot, suffix = name.rpartition(".") if "." in name.lstrip(".") else (name, "", "")
        for number in range(1, 10_000):
            target = folder / (name if number == 1 else f"{stem} ({number}){dot}{suffix}")
            with contextlib.suppress(FileExistsError):
                descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
                with os.fdopen(descriptor, "wb") as file:
                    file.write(content)
                return target
    except OSError as error:
        raise FileProblem(f"{folder / name} cannot be written: {error.strerror}.", "Choose another folder.") from error
    raise FileProblem(f"{folder} holds too many files named {name}.", "Choose another folder.")
