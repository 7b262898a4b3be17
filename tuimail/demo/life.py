# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens by itself in the demo: mail sent comes back, correspondents answer, new mail trickles in."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable

from tuimail.demo import samples
from tuimail.demo.site import Mail, Site

_ANSWER_DELAY = 4.0


class Habits:
    """Delivers what was sent to the users' own addresses; the rest as asked for."""

    def __init__(self, trickle_seconds: float | None, answers: bool) -> None:
        self._trickle_seconds, self._answers = trickle_seconds, answers
        self._tasks: set[asyncio.Task[None]] = set()
        self._listeners: list[Callable[[Mail], None]] = []

    def begin(self, site: Site) -> None:
        """From now on; in the servers' loop."""
        site.on_sent = lambda mail: self._sent(site, mail)
        if self._trickle_seconds is not None:
            self._start(self._trickle(site, self._trickle_seconds))

    def also_tell(self, tell: Callable[[Mail], None]) -> None:
        """Tell of what was sent, once it lies in the mailboxes."""
        self._listeners.append(tell)

    def _sent(self, site: Site, mail: Mail) -> None:
        now = int(time.time())
        for user, strangers in _boxes(site, mail.recipients).items():
            head = b"Return-Path: <%b>\r\n" % mail.sender.encode()
            head += b"".join(b"Delivered-To: %b\r\n" % stranger.encode() for stranger in strangers)
            site.deliver(site.stores[user], "INBOX", head + mail.raw, frozenset(), now)
        if self._answers and mail.sender.lower() in site.addresses:
            for recipient in mail.recipients:
                if recipient.lower() not in site.addresses:
                    self._start(self._answer(site, mail, recipient))
        for tell in self._listeners:
            tell(mail)

    async def _answer(self, site: Site, mail: Mail, recipient: str) -> None:
        await asyncio.sleep(_ANSWER_DELAY)
        now = int(time.time())
        store = site.stores[site.addresses[mail.sender.lower()]]
        site.deliver(store, "INBOX", samples.answer_to(mail.raw, recipient, mail.sender, now), frozenset(), now)

    async def _trickle(self, site: Site, seconds: float) -> None:
        number = 0
        while True:
            await asyncio.sleep(seconds)
            number += 1
            now = int(time.time())
            for store in site.stores.values():
                site.deliver(store, "INBOX", samples.fresh(number, now), frozenset(), now)

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _boxes(site: Site, recipients: Iterable[str]) -> dict[str, list[str]]:
    """The users whose INBOX gets the message, once each, and for which addresses of nobody's."""
    boxes: dict[str, list[str]] = {}
    for recipient in recipients:
        user = site.addresses.get(recipient.lower())
        if user is not None:
            boxes.setdefault(user, [])
        elif site.catch_all:
            boxes.setdefault(next(iter(site.stores)), []).append(recipient)
    return boxes
