# SPDX-License-Identifier: GPL-3.0-or-later
"""How Gmail, Exchange, iCloud, Yahoo, Zoho and others greet and let in, as far as it was recorded."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.backends.replay.recorded import TAG, Recorded, imap, octets, playing
from tuimail.backends.imap.backend import ImapBackend
from tuimail.model.account import AuthMethod

OK = TAG + b" OK done\r\n"


def selecting(name: str) -> dict[bytes, bytes]:
    return {b"SELECT": octets(name), b"EXAMINE": octets(name)}


@dataclass(frozen=True, slots=True)
class Provider:
    """How a provider greets and lets in."""

    greeting: str | bytes
    """A transcript, or the words of a server whose greeting nobody recorded."""
    signed_in: str | bytes = OK
    before: str = ""
    """CAPABILITY, where the greeting does not tell."""
    after: str = ""
    """CAPABILITY, where the answer to the sign-in does not tell."""
    auth: AuthMethod = AuthMethod.PASSWORD
    said: bytes = b"AUTHENTICATE PLAIN"
    """How tuimail signs in."""
    offered: frozenset[str] = frozenset()
    """What is of use to tuimail afterwards."""

    def recorded(self, answers: Mapping[bytes, bytes | tuple[bytes, ...]] | None = None) -> Recorded:
        """The server, with answers to more commands."""
        told = tuple(octets(name) for name in (self.before, self.after) if name)
        asked: dict[bytes, bytes | tuple[bytes, ...]] = {b"CAPABILITY": told} if told else {}
        proof = octets(self.signed_in) if isinstance(self.signed_in, str) else self.signed_in
        greeting = octets(self.greeting) if isinstance(self.greeting, str) else self.greeting
        return Recorded(greeting, asked | {b"AUTHENTICATE": proof, b"LOGIN": proof} | dict(answers or {}))


GIMAP = b"* OK Gimap ready for requests\r\n"
_GMAIL_OFFERS = frozenset({"CONDSTORE", "MOVE", "UIDPLUS", "ESEARCH", "LIST-STATUS", "UTF8=ACCEPT"})
_DOVECOT_OFFERS = frozenset({"CONDSTORE", "QRESYNC", "MOVE", "UIDPLUS", "ESEARCH", "LIST-STATUS", "SPECIAL-USE"})
PROVIDERS = {
    "acl": Provider(GIMAP, "acl-authenticate", "gmail-capability+logindisabled", offered=_GMAIL_OFFERS | {"ACL"}),
    "common": Provider("common-capability-greeting", after="common-capability"),
    "courier": Provider(b"* OK Courier-IMAP ready.\r\n", OK, "courier-capability", "courier-capability",
                        offered=frozenset({"UIDPLUS", "IDLE"})),
    "cyrus": Provider(b"* OK server Cyrus IMAP v2.3 server ready\r\n", "cyrus-authenticate", "cyrus-capability",
                      offered=frozenset({"CONDSTORE", "UIDPLUS", "UNSELECT"})),
    "domino": Provider("domino-greeting", OK, "domino-capability", "domino-capability", offered=frozenset({"UIDPLUS"})),
    "dovecot": Provider("dovecot-greeting", "dovecot-authenticate+annotate", offered=_DOVECOT_OFFERS),
    "exchange": Provider("exchange-greeting", OK, "exchange-capability-preauth", "exchange-capability-postauth",
                         offered=frozenset({"MOVE", "UIDPLUS", "UNSELECT"})),
    "exchange by token": Provider("exchange-greeting", OK, "exchange-capability-preauth", "exchange-capability-postauth",
                                  AuthMethod.OAUTH2, b"AUTHENTICATE XOAUTH2", frozenset({"MOVE"})),
    "exchange 2003": Provider("exchange-greeting-2003", OK, "common-capability", "common-capability", said=b"LOGIN"),
    "gmail": Provider(GIMAP, "gmail-authenticate", "gmail-capability+logindisabled", offered=_GMAIL_OFFERS),
    "gmail by token": Provider(GIMAP, "gmail-authenticate", "gmail-capability+logindisabled", "", AuthMethod.OAUTH2,
                               b"AUTHENTICATE OAUTHBEARER", _GMAIL_OFFERS),
    "gmail, later": Provider(GIMAP, "gmail-authenticate+statussize+objectid", "gmail-capability+logindisabled",
                             offered=_GMAIL_OFFERS | {"OBJECTID"}),
    "icloud": Provider(b"* OK ready\r\n", "icloud-authenticate-plain", "exchange-capability-preauth", "icloud-capability",
                       offered=frozenset({"CONDSTORE", "QRESYNC", "UIDPLUS", "ESEARCH", "LIST-STATUS"})),
    "lowercase": Provider("lowercase-greeting", "lowercase-authenticate", after="common-capability", said=b"LOGIN"),
    "protonmail": Provider("protonmail-greeting", OK, after="common-capability"),
    "strato": Provider("strato.de-greeting", "strato.de-authenticate", after="yandex-capability",
                       offered=frozenset({"MOVE", "UIDPLUS"})),
    "uw": Provider("uw-greeting", OK, after="common-capability"),
    "uw, signed in": Provider("uw-preauth-greeting", said=b"", offered=frozenset({"UIDPLUS", "ESEARCH"})),
    "signed in": Provider("common-preauth-greeting", before="common-capability", said=b""),
    "yahoo": Provider("yahoo-greeting", OK, after="yahoo-capabilities", offered=frozenset({"MOVE", "UIDPLUS", "OBJECTID"})),
    "yahoo by token": Provider("yahoo-greeting", OK, "", "yahoo-capabilities", AuthMethod.OAUTH2,
                               b"AUTHENTICATE OAUTHBEARER", frozenset({"MOVE"})),
    "yandex": Provider(b"* OK Yandex IMAP4rev1 ready\r\n", "yandex-authenticate", "yandex-capability",
                       offered=frozenset({"MOVE", "UIDPLUS", "IDLE"})),
    "zoho": Provider(b"* OK IMAP4 Server (Zoho Mail) ready\r\n", OK, "zoho-capability", "zoho-capability",
                     offered=frozenset({"CONDSTORE", "MOVE", "UIDPLUS", "ESEARCH", "LIST-STATUS"})),
}  # fmt: skip


async def _secret() -> str:
    return "secret-word"


@asynccontextmanager
async def signed_in(recorded: Recorded, auth: AuthMethod = AuthMethod.PASSWORD) -> AsyncIterator[ImapBackend]:
    """A backend that is let in."""
    async with playing(recorded, imap, auth) as address:
        backend = ImapBackend(address, _secret)
        try:
            await backend.connect()
            yield backend
        finally:
            await backend.close()


@asynccontextmanager
async def at(provider: str, answers: Mapping[bytes, bytes | tuple[bytes, ...]]) -> AsyncIterator[ImapBackend]:
    """A backend that is let in there."""
    async with signed_in(PROVIDERS[provider].recorded(answers), PROVIDERS[provider].auth) as backend:
        yield backend
