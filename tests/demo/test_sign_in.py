# SPDX-License-Identifier: GPL-3.0-or-later
"""Sign-in, STARTTLS, COMPRESS, ENABLE, ID, NAMESPACE."""

import base64
import hashlib
import hmac
import imaplib
import ssl
import zlib

import pytest

from tests.demo.raw import RawClient
from tuimail.demo.servers import DemoServers


def test_greeting_and_capabilities_depend_on_the_stage(servers: DemoServers) -> None:
    with RawClient(servers, sign_in=False) as client:
        assert client.greeting.startswith("* OK [CAPABILITY IMAP4rev1 ")
        assert "AUTH=SCRAM-SHA-256" in client.greeting
        assert "IDLE" not in client.greeting
        assert "STARTTLS" not in client.greeting
        answer = client.run(f"LOGIN {servers.addresses.user} {servers.addresses.password}")[-1]
        assert "QRESYNC" in answer
        assert "AUTH=" not in answer


def test_the_address_is_as_good_as_the_name(servers: DemoServers) -> None:
    with RawClient(servers, sign_in=False) as client:
        client.ok(f"LOGIN {servers.addresses.email} {servers.addresses.password}")
        assert client.ok("SELECT INBOX")


def test_wrong_password_and_wrong_state(servers: DemoServers) -> None:
    with RawClient(servers, sign_in=False) as client:
        assert client.refused("LOGIN robin wrong").startswith("NO [AUTHENTICATIONFAILED]")
        assert client.refused("SELECT INBOX").startswith("BAD")
        assert client.refused("AUTHENTICATE CRAM-MD5").startswith("NO")


@pytest.mark.parametrize("mechanism", ["PLAIN", "XOAUTH2", "OAUTHBEARER"])
@pytest.mark.parametrize("initial", [True, False])
def test_one_step_mechanisms(servers: DemoServers, mechanism: str, initial: bool) -> None:
    user, secret = servers.addresses.user, servers.addresses.password
    response = base64.b64encode({
        "PLAIN": f"\0{user}\0{secret}",
        "XOAUTH2": f"user={user}\x01auth=Bearer {secret}\x01\x01",
        "OAUTHBEARER": f"n,a={user},\x01host=localhost\x01auth=Bearer {secret}\x01\x01",
    }[mechanism].encode()).decode()  # fmt: skip
    with RawClient(servers, sign_in=False) as client:
        client.send(f"a AUTHENTICATE {mechanism}" + (f" {response}\r\n" if initial else "\r\n"))
        if not initial:
            assert client.unit() == "+ "
            client.send(response + "\r\n")
        assert client.until("a")[-1].startswith("OK ")
    assert secret not in " ".join(servers.log)


def test_wrong_token_is_explained_before_it_is_refused(servers: DemoServers) -> None:
    response = base64.b64encode(b"user=robin\x01auth=Bearer old\x01\x01").decode()
    with RawClient(servers, sign_in=False) as client:
        client.send(f"a AUTHENTICATE XOAUTH2 {response}\r\n")
        assert b"invalid_token" in base64.b64decode(client.unit().removeprefix("+ "))
        client.send("\r\n")
        assert client.until("a")[-1].startswith("NO [AUTHENTICATIONFAILED]")


def test_scram_proves_both_sides(servers: DemoServers) -> None:
    user, secret = servers.addresses.user, servers.addresses.password
    bare = f"n={user},r=fyko"

    def answer(challenge: bytes) -> bytes:
        if not challenge:
            return f"n,,{bare}".encode()
        if challenge.startswith(b"v="):
            assert challenge == b"v=" + base64.b64encode(expected[0])
            return b""
        fields = dict(field.split("=", 1) for field in challenge.decode().split(","))
        salted = hashlib.pbkdf2_hmac("sha256", secret.encode(), base64.b64decode(fields["s"]), int(fields["i"]))
        final = f"c=biws,r={fields['r']}"
        message = f"{bare},{challenge.decode()},{final}".encode()
        key = hmac.digest(salted, b"Client Key", "sha256")
        signature = hmac.digest(hashlib.sha256(key).digest(), message, "sha256")
        expected.append(hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), message, "sha256"))
        proof = bytes(a ^ b for a, b in zip(key, signature, strict=True))
        return f"{final},p={base64.b64encode(proof).decode()}".encode()

    expected: list[bytes] = []
    client = imaplib.IMAP4(servers.addresses.host, servers.addresses.imap_port)
    assert client.authenticate("SCRAM-SHA-256", answer)[0] == "OK"
    assert client.noop()[0] == "OK"
    client.logout()


def test_starttls_and_implicit_tls() -> None:
    with DemoServers(messages=0, tls=True) as servers:
        addresses = servers.addresses
        context = ssl.create_default_context(cadata=addresses.certificate)
        starttls = imaplib.IMAP4("127.0.0.1", addresses.imap_port)
        assert "STARTTLS" in starttls.capabilities
        assert starttls.starttls(context)[0] == "OK"
        assert "STARTTLS" not in starttls.capabilities
        implicit = imaplib.IMAP4_SSL("localhost", addresses.imaps_port, ssl_context=context)
        for client in (starttls, implicit):
            assert client.login(addresses.user, addresses.password)[0] == "OK"
            client.logout()


def test_answers_injected_before_tls_go_out_in_clear() -> None:
    with DemoServers(messages=0, tls=True) as servers, RawClient(servers, sign_in=False) as client:
        servers.faults.starttls_inject = b"* CAPABILITY EVIL\r\n"
        client.send("a STARTTLS\r\n")
        assert client.unit() == "a OK Begin TLS"
        assert client.unit() == "* CAPABILITY EVIL"


def test_compress(servers: DemoServers, client: RawClient) -> None:
    assert client.ok("COMPRESS DEFLATE") == []
    deflate, inflate = zlib.compressobj(wbits=-15), zlib.decompressobj(-15)
    client.send(deflate.compress(b"a NOOP\r\nb COMPRESS DEFLATE\r\n") + deflate.flush(zlib.Z_SYNC_FLUSH))
    text = b""
    while b"\r\nb " not in text:
        text += inflate.decompress(client.socket.recv(4096))
    assert text.startswith(b"a OK")
    assert b"b NO [COMPRESSIONACTIVE]" in text


def test_enable_id_namespace(client: RawClient) -> None:
    assert client.ok("ENABLE QRESYNC X-UNKNOWN UTF8=ACCEPT") == ["* ENABLED QRESYNC UTF8=ACCEPT"]
    assert client.ok('ID ("name" "test" "version" NIL)') == ['* ID ("name" "tuimail demo")']
    assert client.ok("ID NIL") == ['* ID ("name" "tuimail demo")']
    assert client.ok("NAMESPACE") == ['* NAMESPACE (("" "/")) NIL NIL']


def test_namespace_prefix_and_delimiter() -> None:
    with DemoServers(messages=0, delimiter=".", prefix="INBOX.") as servers, RawClient(servers) as client:
        assert client.ok("NAMESPACE") == ['* NAMESPACE (("INBOX." ".")) NIL NIL']
        assert any(unit.endswith('"." INBOX.Archive.2025') for unit in client.ok('LIST "" *'))


@pytest.mark.parametrize(
    "line",
    ["NOSUCH", "LOGIN", "FETCH", "SELECT", "SELECT INBOX junk", "STATUS INBOX ()", "STATUS INBOX (BOGUS)", "CREATE", "LIST",
     'LIST "" * RETURN (BOGUS)', "ENABLE", "IDLE now", "UID BOGUS 1", 'SELECT "&bad"', "APPEND INBOX atom"],
)  # fmt: skip
def test_syntax_errors_get_bad(client: RawClient, line: str) -> None:
    assert client.refused(line).startswith("BAD ")
    client.ok("NOOP")
