# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts of drafts that an editor outside has: private files of the store, gone as soon as their text is in a draft again.

Each lies in a folder of its own, ``editing/DRAFT-BEGAN-RANDOM/message.eml``, with what the editor puts beside it: backups, swap
files. The folder is locked (flock) while this program waits for the editor. One that is not was left by a program that was
killed: the next start takes its text into a draft.
"""

import contextlib
import errno
import fcntl
import logging
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from tuimail.engine.accounts import Accounts
from tuimail.model.draft import Draft
from tuimail.model.errors import FileProblem, TuimailError
from tuimail.model.ids import DraftId
from tuimail.model.notice import DraftsChanged, Notice
from tuimail.model.text import safe_line
from tuimail.store.store import Store

log = logging.getLogger(__name__)
_FOLDER, _FILE = "editing", "message.eml"


class Lent:
    """A text while an editor has it."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / _FILE
        self.taken = True
        """False: it is to stay where it is."""

    def text(self) -> str:
        """As it was saved last. Raises FileProblem, also where a link or something else stands in the file's place."""
        try:
            with _regular(self.file) as file:
                return file.read()
        except OSError as error:
            raise FileProblem(f"What the editor saved cannot be read: {error.strerror}.", "The text is as it was.") from error

    @property
    def left(self) -> str:
        """What to say of files that the editor left beside it; empty where there are none."""
        folder = self.file.parent
        with contextlib.suppress(OSError):
            if any(path != self.file for path in folder.iterdir()):
                return f"The editor left files of its own in {folder}: look there for what it had not saved."
        return ""


class Editing:
    """Lends texts to editors, and takes them back."""

    def __init__(self, store: Store, accounts: Accounts, publish: Callable[[Notice], None]) -> None:
        self._store = store
        self._accounts = accounts
        self._publish = publish
        self._folder = store.folder / _FOLDER

    @contextlib.contextmanager
    def lent(self, draft: Draft) -> Iterator[Lent]:
        """The text of a draft, which was saved just now, as a file. At the end it is removed with all that lies beside it.

        Only what a killed editor had not saved stays there: then `Lent.left` tells so. Raises FileProblem.
        """
        import shutil
        import tempfile

        lock: int | None = None
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            folder = Path(tempfile.mkdtemp(prefix=f"{draft.id}-{_began(draft.body)}-", dir=self._folder))
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            with contextlib.suppress(OSError):  # a file system without locks
                fcntl.flock(lock, fcntl.LOCK_EX)
            lent = Lent(folder)
            with os.fdopen(os.open(lent.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                file.write(draft.body)
        except OSError as error:
            if lock is not None:
                os.close(lock)
            raise FileProblem(
                f"The text cannot be written for the editor: {error.strerror}.", "Free some space; the text is as it was."
            ) from error
        try:
            yield lent
        finally:
            lent.file.unlink(missing_ok=True)
            if lent.taken:
                shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)

    def recover(self) -> tuple[str, ...]:
        """Take over what programs left that were killed. Returns sentences for the user; usually there are none."""
        try:
            folders = sorted(self._folder.iterdir())
        except FileNotFoundError:
            return ()
        except OSError as error:
            log.warning("editing: %s cannot be read: %s", self._folder, error.strerror)
            return ()
        return tuple(sentence for folder in folders for sentence in self._recovered(folder))

    def _recovered(self, folder: Path) -> Iterator[str]:
        lent = Lent(folder)
        try:
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            return  # none of ours, or another program has just taken it
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.lexists(lent.file):
                yield from self._taken_over(lent)
                lent.file.unlink()
            if left := lent.left:
                yield left
            else:
                folder.rmdir()
        except BlockingIOError:
            pass  # its editor is open
        except (OSError, TuimailError) as error:
            log.warning("editing: what is in %s cannot be taken over: %s", folder, error)
            yield f"The text that an editor had cannot be taken over. It is in {lent.file}."
        finally:
            os.close(lock)

    def _taken_over(self, lent: Lent) -> Iterator[str]:
        """The text goes into its draft where only the editor changed it, else into a draft of its own."""
        text, (number, began) = lent.text(), _named(lent.file.parent.name)
        drafts = self._store.drafts
        found = drafts.get(DraftId(number))
        if _began(text) in (began, _began(found.body) if found is not None else ""):
            return
        if found is not None and _began(found.body) == began and any(found.id == one.id for one in drafts.all()):
            drafts.save(replace(found, body=text))
            yield f"What the editor saved last is in the draft “{safe_line(found.subject) or '(no subject)'}”."
        else:
            sender = self._accounts.default
            if found is None and sender is None:
                raise FileProblem("There is no account to have a draft.")
            if found is None and sender is not None:
                found = Draft(DraftId(0), sender.id, from_=str(sender.account.identity))
            assert found is not None
            drafts.new(replace(found, id=DraftId(0), body=text, stored=None, attachments=()))
            yield "What an editor saved last is a draft of its own now: the one that it was taken from has changed since."
        self._publish(DraftsChanged())


def _regular(path: Path) -> TextIO:
    """Open a file of ours. No link is followed, and nothing is waited for, as a FIFO would have it. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is no regular file")
    return os.fdopen(descriptor, encoding="utf-8", errors="replace")


def _began(text: str) -> str:
    """What a text is known by in a folder's name. Most editors end the last line if it was not; that is no change."""
    from hashlib import sha256

    return sha256(text.rstrip("\n").encode("utf-8", "replace")).hexdigest()[:16]


def _named(folder: str) -> tuple[int, str]:
    """Draft, and what its text was known by when the editor got it."""
    number, _, rest = folder.partition("-")
    return int(number) if number.isascii() and number.isdigit() else 0, rest.partition("-")[0]
