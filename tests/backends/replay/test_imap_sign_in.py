# SPDX-License-Identifier: GPL-3.0-or-later
"""From the greetings of providers to a connection that is signed in."""

import pytest

from tests.backends.replay.providers import GIMAP, PROVIDERS, Provider, at, signed_in
from tests.backends.replay.recorded import octets
from tuimail.backends.port import KnownState
from tuimail.model.errors import SignInNeeded


@pytest.mark.parametrize("name", PROVIDERS)
async def test_signing_in(name: str) -> None:
    provider = PROVIDERS[name]
    recorded = provider.recorded()
    async with signed_in(recorded, provider.auth) as backend:
        assert provider.offered <= backend.capabilities.names
        assert backend.selected is None
    (proof,) = [said for said in recorded.heard if said.startswith((b"AUTHENTICATE", b"LOGIN "))] or [b""]
    assert proof.startswith(provider.said)
    assert bool(proof) is bool(provider.said)
    assert recorded.unrecorded <= {b"LOGOUT", b"ENABLE", b"ID", b"COMPRESS"}


async def test_gmail_wants_the_browser() -> None:
    recorded = Provider(GIMAP, "gmail-authenticate+webalert", "gmail-capability+logindisabled").recorded()
    with pytest.raises(SignInNeeded, match=r"log in via your web browser: https://support\.google\.com/"):
        async with signed_in(recorded):
            pass


async def test_icloud_enables_without_saying_so() -> None:
    opened = {b"SELECT": octets("dovecot-select-unittests-messages-qresync"), b"ENABLE": octets("icloud-enable-qresync")}
    async with at("icloud", opened) as backend:
        assert backend.capabilities.qresync
        selected = await backend.select("INBOX", KnownState(uidvalidity=1_436_832_084, highestmodseq=2))
        assert (selected.resynced, str(selected.vanished), len(selected.changed)) == (True, "8", 7)
