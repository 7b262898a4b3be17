# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates that are refused: what they are, and whether the user wants this very one to be taken from now on."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from tuimail.engine.setup import Setup
from tuimail.model.account import Account
from tuimail.model.finding import Cause, Finding
from tuimail.ui.dialogs.confirm import Confirm

_KINDS = {"imap": "mail is read from", "pop3": "mail is fetched from", "smtp": "mail is sent by"}
CHANGED = "changed"
"""What has to be typed where a remembered certificate was replaced."""


async def remembered(setup: Setup, account: Account, ask: Callable[[Confirm], Awaitable[bool | None]]) -> Account | None:
    """The account with the fingerprints that the user agreed to; None when there is none, or the user does not want it.

    Every server whose certificate is refused now is shown. No secret goes anywhere.
    """
    changed = account
    for kind in _KINDS:
        server = getattr(account, kind)
        refused = await setup.refused_certificate(kind, server) if server is not None else None
        if refused is None:
            continue
        if not await ask(_question(kind, f"{server.host}:{server.port}", refused)):
            return None
        changed = replace(changed, **{kind: replace(server, fingerprint=refused.fingerprint)})
    return changed if changed != account else None


def _question(kind: str, where: str, refused: Finding) -> Confirm:
    grave = refused.cause is Cause.CHANGED
    risk = (
        "The server may have got a new one. Or somebody is listening, and gets your password and mail if you go on."
        if grave
        else "If the server is not your own, or not this machine, somebody may be listening."
    )
    half = len(refused.fingerprint) // 2 + 1
    return Confirm(
        f"{where}, which {_KINDS[kind]}: {refused.detail}. {risk}\n\n"
        f"Fingerprint (SHA-256):\n{refused.fingerprint[:half]}\n{refused.fingerprint[half:]}\n\n"
        "Compare it with what whoever runs the server tells you. Remembered, this one certificate is taken, and no other.",
        title="A certificate that is not trusted",
        yes="Remember it",
        no="Do not go on",
        typed=CHANGED if grave else "",
    )
