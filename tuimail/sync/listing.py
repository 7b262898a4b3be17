# SPDX-License-Identifier: GPL-3.0-or-later
"""What LIST told, against what is known: which folders were renamed, which are gone, what each is for."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tuimail.backends.port import FolderListing, FolderStatus
from tuimail.model.ids import FolderId
from tuimail.store.folders import ListedFolder, ServerFolder
from tuimail.sync.roles import assign_roles


@dataclass(frozen=True, slots=True)
class Listing:
    """What `tuimail.store.folders.Folders.apply_listing` is told."""

    listed: tuple[ListedFolder, ...]
    renamed: Mapping[FolderId, str]
    """Folder → its new name on the server."""
    gone: tuple[FolderId, ...]


def compare(
    listings: Sequence[FolderListing], known: Mapping[str, ServerFolder], expected: Mapping[str, str] | None = None
) -> Listing:
    """Compare an answer with what was known by name.

    ``expected``: old → new names of renames that were sent and not answered.
    """
    listings = _with_inbox(listings)
    roles = assign_roles(listings)
    names = {listing.name for listing in listings}
    renamed = _renamed(listings, known, expected or {})
    gone = tuple(folder.id for name, folder in known.items() if name not in names and folder.id not in renamed)
    listed = tuple(
        ListedFolder(
            listing.name,
            listing.delimiter,
            roles.get(listing.name),
            listing.subscribed,
            listing.selectable,
            _mailbox_id(listing, known, renamed),
        )
        for listing in listings
    )
    return Listing(listed, renamed, gone)


def _mailbox_id(listing: FolderListing, known: Mapping[str, ServerFolder], renamed: Mapping[FolderId, str]) -> str:
    """What STATUS said; without it what is known of the folder, if it is still the same one."""
    if listing.status is not None:
        return listing.status.mailbox_id
    before = known.get(listing.name)
    return before.mailbox_id if before is not None and before.id not in renamed else ""


def _with_inbox(listings: Sequence[FolderListing]) -> Sequence[FolderListing]:
    """INBOX is always there (RFC 9051 §5.1), even where a server forgets to list it."""
    if any(listing.name == "INBOX" for listing in listings):
        return listings
    return (FolderListing("INBOX"), *listings)


def _renamed(
    listings: Sequence[FolderListing], known: Mapping[str, ServerFolder], expected: Mapping[str, str]
) -> dict[FolderId, str]:
    """By mailbox id (RFC 8474) where there is one; else what we renamed ourselves; else by an unmistakable cursor."""
    by_name = {listing.name: listing for listing in listings}
    ids = {listing.status.mailbox_id: listing.name for listing in listings if listing.status and listing.status.mailbox_id}
    renamed: dict[FolderId, str] = {}
    for name, folder in known.items():
        if folder.mailbox_id in ids and ids[folder.mailbox_id] != name and folder.mailbox_id:
            renamed[folder.id] = ids[folder.mailbox_id]
    _leave_out_what_is_taken(renamed, known)
    for name, folder in known.items():
        new = expected.get(name, "")
        if name not in by_name and new in by_name and new not in known and new not in renamed.values():
            renamed.setdefault(folder.id, new)
    lost = [folder for name, folder in known.items() if name not in by_name and folder.id not in renamed]
    fresh = [listing for name, listing in by_name.items() if name not in known and name not in renamed.values()]
    renamed |= _by_cursor(lost, fresh)
    return renamed


def _leave_out_what_is_taken(renamed: dict[FolderId, str], known: Mapping[str, ServerFolder]) -> None:
    """One name for each, and none that another folder keeps: an answer from amid a renaming may have told one id twice."""
    given: set[str] = set()
    for folder, name in tuple(renamed.items()):
        if name in given:
            del renamed[folder]
        given.add(name)
    while taken := [folder for folder, name in renamed.items() if name in known and known[name].id not in renamed]:
        for folder in taken:
            del renamed[folder]


def _by_cursor(lost: Iterable[ServerFolder], fresh: Iterable[FolderListing]) -> dict[FolderId, str]:
    """Same UIDVALIDITY, UIDNEXT not behind, and that only once on either side."""
    old: dict[int, list[ServerFolder]] = {}
    for folder in lost:
        if folder.cursor.uidvalidity is not None and folder.cursor.uidnext > 1:
            old.setdefault(folder.cursor.uidvalidity, []).append(folder)
    new: dict[int, list[FolderListing]] = {}
    for listing in fresh:
        if listing.status is not None and listing.status.uidvalidity is not None and listing.status.uidnext is not None:
            new.setdefault(listing.status.uidvalidity, []).append(listing)
    found: dict[FolderId, str] = {}
    for uidvalidity, folders in old.items():
        for folder in folders:
            fitting = [listing.name for listing in new.get(uidvalidity, ()) if _fits(folder, listing.status, folders)]
            if len(fitting) == 1:
                found[folder.id] = fitting[0]
    names = Counter(found.values())
    return {folder: name for folder, name in found.items() if names[name] == 1}


def _fits(folder: ServerFolder, status: FolderStatus | None, others: Sequence[ServerFolder]) -> bool:
    """Of several folders with one UIDVALIDITY only an exact UIDNEXT tells which is which."""
    if status is None or status.uidnext is None:
        return False
    return status.uidnext == folder.cursor.uidnext if len(others) > 1 else status.uidnext >= folder.cursor.uidnext
