# SPDX-License-Identifier: GPL-3.0-or-later
"""A store that holds a word of its own in each place where mail is kept; and where these words can be read on the disk."""

from pathlib import Path

from tests.store.mailbox import Mailbox, mail
from tuimail.model.address import Address
from tuimail.model.draft import Draft, DraftAttachment, DraftKind, OutboxItem, OutboxState
from tuimail.model.ids import DraftId, OutboxId
from tuimail.model.query import parse_query
from tuimail.model.store_key import StoreKey
from tuimail.store.bodies import Cacheable
from tuimail.store.store import Store
from tuimail.sync.indexer import index_slice

WORDS = (
    "plantedsubject",
    "plantedsender",
    "plantedtext",
    "plantedfolder",
    "planteddraft",
    "plantedattachment",
    "plantedrecipient",
    "plantedoutgoing",
    "plantedpiece",
    "plantedlocal",
)


def plant(folder: Path, key: StoreKey | None = None) -> None:
    """Put one word into each place, and leave in good order."""
    box = Mailbox.make(folder, names=("INBOX", "Archive", "plantedfolder"), store=Store.open(folder, key))
    add(box)
    box.store.close(clean=True)


def add(box: Mailbox) -> None:
    """One more of each, all of it committed."""
    store = box.store
    (number,) = box.deliver(
        "INBOX", mail(1, "plantedsubject", subject="plantedsubject", sender=Address("Ada", "plantedsender@example.org"))
    )
    store.bodies.put_texts({number: [Cacheable("1", b"plantedtext", "text/plain", "utf-8")]})
    store.pieces.keep(number, "2", 0, b"plantedpiece")
    while index_slice(store):
        pass
    blob, out = store.blobs.write_all([b"plantedattachment", b"plantedoutgoing"])
    attached = (DraftAttachment(blob, "a.txt", "text/plain", 17),)
    draft = store.drafts.new(Draft(DraftId(0), box.account, DraftKind.NEW, body="planteddraft", attachments=attached))
    store.outbox.add(
        OutboxItem(
            OutboxId(0), box.account, draft.id, OutboxState.HELD, out, "<a@b>", "me@b", ("plantedrecipient@b",), "Hi", 15, 100
        )
    )
    store.local_mail.ensure(box.account)
    (file,) = store.local_mail.keep(box.account, [b"plantedlocal"])
    inbox = store.local_mail.folder(box.account, "INBOX")
    assert inbox is not None
    store.local_mail.add(inbox.id, file, 12, frozenset(), 1)


def held(folder: Path, key: StoreKey | None = None) -> dict[str, object]:
    """All that the store tells of what was planted; it is opened as a program opens it, and nothing may need a repair."""
    box = Mailbox.make(folder, names=("INBOX", "Archive", "plantedfolder"), store=Store.open(folder, key))
    store = box.store
    try:
        assert store.repaired == ""
        rows = store.messages.rows(box.ids("INBOX"))
        files = store.local_mail.files
        return {
            "tree": box.tree(),
            "rows": rows,
            "texts": [store.bodies.get(row.id, "1") for row in rows if row is not None],
            "pieces": [store.pieces.get(row.id, "2") for row in rows if row is not None],
            "found": [
                [number for batch in store.search.find(parse_query(word), [box.folder("INBOX")]) for number in batch]
                for word in ("plantedtext", "plantedsubject", "from:plantedsender")
            ],
            "drafts": store.drafts.all(),
            "attached": [store.blobs.read(file.blob) for draft in store.drafts.all() for file in draft.attachments],
            "sizes": [store.blobs.size(file.blob) for draft in store.drafts.all() for file in draft.attachments],
            "outbox": [(item, store.blobs.read(item.blob)) for item in store.outbox.all()],
            "local": [files.read(name) for name, _ in files.all()],
            "written": [written for _, written in files.all()],
        }
    finally:
        store.close(clean=True)


def readable(folder: Path) -> set[str]:
    """The words that stand in the files of a folder, or in their names."""
    octets = [str(found).encode() + (found.read_bytes() if found.is_file() else b"") for found in folder.rglob("*")]
    return {word for word in WORDS if any(word.encode() in each for each in octets)}
