# SPDX-License-Identifier: GPL-3.0-or-later
"""What a domain publishes beside autoconfig: PACC documents with their digest, SRV records; and what is guessed."""

import base64
import contextlib
import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuimail.accounts import pacc, srv
from tuimail.accounts.srv import Record
from tuimail.model.account import AuthMethod, Security
from tuimail.model.discovery import Trust
from tuimail.model.errors import MailMalformed

EMAIL = "ada@example.org"


def document(**more: object) -> bytes:
    read: dict[str, object] = {
        "protocols": {"imap": {"host": "imap.example.org"}, "submit": {"host": "smtp.example.org"}},
        "authentication": {"password": True},
    }
    return json.dumps({**read, **more}).encode()


def digest(octets: bytes) -> str:
    return base64.b64encode(hashlib.sha256(octets).digest()).decode()


def test_a_document_counts_with_its_digest_only() -> None:
    octets = document()
    assert pacc.vouched(octets, [f"v=UAAC1; a=sha256; d={digest(octets)}"])
    assert pacc.vouched(octets, ["v=spf1 -all", "v=UAAC1;a=sha256;d=AAAA", f"v=UAAC1; a=SHA256; d={digest(octets)}"])
    for records in (
        [],
        ["v=UAAC1; a=sha256; d=!!"],
        ["v=UAAC1; a=sha256; d=é"],
        [f"v=UAAC2; a=sha256; d={digest(octets)}"],
        [f"d={digest(octets)}"],
    ):
        assert not pacc.vouched(octets, records)
    assert not pacc.vouched(octets, ["v=UAAC1; a=sha256; d=é", "=;=", "v=UAAC1; a=é; d"])
    assert not pacc.vouched(octets + b" ", [f"v=UAAC1; a=sha256; d={digest(octets)}"])


def test_servers_of_a_document() -> None:
    proposal = pacc.read_pacc(document(), EMAIL, "x")
    assert proposal is not None
    assert [(server.host, server.port, server.security) for server in proposal.servers] == [
        ("imap.example.org", 993, Security.TLS),
        ("smtp.example.org", 465, Security.TLS),
    ]
    only_token = pacc.read_pacc(document(authentication={"oauth-public": {"issuer": "https://login.example.org"}}), EMAIL, "x")
    assert only_token is not None
    assert {server.auth for server in only_token.servers} == {AuthMethod.OAUTH2}
    assert only_token.provider.oauth.issuer == "https://login.example.org"


@pytest.mark.parametrize(
    "octets", [b"", b"[]", b'"x"', b"{}", b'{"protocols": []}', b"[" * 100_000, b'{"protocols": {"imap": 3}}']
)
def test_a_broken_document_is_said_to_be_none(octets: bytes) -> None:
    with pytest.raises(MailMalformed):
        pacc.read_pacc(octets, EMAIL, "x")


@pytest.mark.parametrize("host", ["a b", "x\n", "\x1b[31m", 3, None, "", "x/y"])
def test_a_host_that_is_none_is_left_out(host: object) -> None:
    assert pacc.read_pacc(document(protocols={"imap": {"host": host}}), EMAIL, "x") is None


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["protocols", "authentication", "imap", "submit", "host", "oauth-public", "issuer", "password"]),
            inner,
        )
    ),
)


@given(ANY_JSON, ANY_JSON)
def test_no_document_does_more_than_be_refused(protocols: object, authentication: object) -> None:
    with contextlib.suppress(MailMalformed):
        pacc.read_pacc(document(protocols=protocols, authentication=authentication), EMAIL, "x")


def test_srv_records_by_priority_and_weight_tls_first() -> None:
    found = {
        "_imaps._tcp": (
            Record(20, 5, 993, "b.example.org"), Record(10, 1, 993, "a.example.org"), Record(10, 9, 1993, "Best.example.org"),
        ),
        "_imap._tcp": (Record(0, 0, 143, "plain.example.org"),),
        "_submission._tcp": (Record(0, 0, 587, "smtp.example.org"),),
        "_submissions._tcp": (Record(0, 0, 0, ""),),
    }  # fmt: skip
    proposal = srv.from_records(found, EMAIL, "SRV")
    assert proposal is not None
    assert proposal.trust is Trust.DNS
    assert [(server.host, server.port, server.security) for server in proposal.servers] == [
        ("best.example.org", 1993, Security.TLS),
        ("smtp.example.org", 587, Security.STARTTLS),
    ]
    assert proposal.unconfirmed(EMAIL) == ("best.example.org", "smtp.example.org")


def test_a_service_that_is_decidedly_not_there() -> None:
    assert srv.from_records({"_imaps._tcp": (Record(0, 0, 0, ""),), "_submissions._tcp": ()}, EMAIL, "SRV") is None


def test_guesses_begin_with_implicit_tls() -> None:
    assert [(server.host, server.port) for server in srv.guesses("imap", EMAIL)] == [
        ("imap.example.org", 993), ("mail.example.org", 993), ("example.org", 993),
        ("imap.example.org", 143), ("mail.example.org", 143), ("example.org", 143),
    ]  # fmt: skip
