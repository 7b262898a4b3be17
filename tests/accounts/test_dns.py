# SPDX-License-Identifier: GPL-3.0-or-later
"""DNS records as discovery needs them."""

import pytest

from tests.servers import dns, launch
from tuimail.accounts.dns import Dns
from tuimail.accounts.srv import Record
from tuimail.model.errors import Offline


async def test_records_of_each_kind() -> None:
    with dns.running() as server:
        server.records = {
            ("example.org", "MX"): ["20 b.example.org.", "10 A.example.org."],
            ("null.example", "MX"): ["0 ."],
            ("_imaps._tcp.example.org", "SRV"): ["0 1 993 imap.example.org."],
            ("example.org", "TXT"): ['"v=spf1 -all"', '"mailconf=" "https://x.example/"'],
        }
        resolver = Dns(server.address)
        assert await resolver.exchangers("example.org") == ("A.example.org", "b.example.org")
        assert await resolver.exchangers("null.example") == ()
        assert await resolver.exchangers("nobody.example") == ()
        assert await resolver.services("_imaps._tcp.example.org") == (Record(0, 1, 993, "imap.example.org"),)
        assert set(await resolver.texts("example.org")) == {"v=spf1 -all", "mailconf=https://x.example/"}


@pytest.mark.parametrize("server", ["nonsense", "127.0.0.1:none"])
async def test_a_server_that_is_none(server: str) -> None:
    with pytest.raises(Offline):
        await Dns(server).exchangers("example.org")


async def test_names_that_cannot_be() -> None:
    with pytest.raises(Offline):
        await Dns(f"127.0.0.1:{launch.free_port()}").exchangers(f"{'x' * 64}.example")
