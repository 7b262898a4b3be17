# SPDX-License-Identifier: GPL-3.0-or-later
"""Autoconfig documents: what is honoured, what cannot be used, and what a hostile one can do, which is nothing."""

import pytest

from tuimail.accounts.autoconfig import read_autoconfig
from tuimail.model.account import AuthMethod, Security, ServerAddress
from tuimail.model.discovery import Proposal, SignInWay, Trust
from tuimail.model.errors import MailMalformed


def server(
    kind: str = "imap",
    host: str = "imap.example.org",
    port: str = "993",
    socket: str = "SSL",
    authentication: tuple[str, ...] = ("password-cleartext",),
    username: str = "%EMAILADDRESS%",
) -> str:
    tag = "outgoingServer" if kind == "smtp" else "incomingServer"
    ways = "".join(f"<authentication>{way}</authentication>" for way in authentication)
    user = f"<username>{username}</username>" if username else ""
    return (
        f'<{tag} type="{kind}"><hostname>{host}</hostname><port>{port}</port>'
        f"<socketType>{socket}</socketType>{ways}{user}</{tag}>"
    )


def read(*servers: str, more: str = "", top: str = "") -> Proposal | None:
    document = (
        f'<?xml version="1.0"?><clientConfig version="1.1"><emailProvider id="x">{"".join(servers)}{more}'
        f"</emailProvider>{top}</clientConfig>"
    )
    return read_autoconfig(document.encode(), "ada@example.org", "autoconfig.example.org", Trust.DOMAIN)


def found(*servers: str, more: str = "", top: str = "") -> Proposal:
    proposal = read(*servers, more=more, top=top)
    assert proposal is not None
    return proposal


def test_servers_with_placeholders_filled_in() -> None:
    proposal = found(
        server(username="%EMAILLOCALPART%"),
        server("smtp", "smtp.%EMAILDOMAIN%", "587", "STARTTLS"),
        more="<displayName>Example Mail</displayName>",
    )
    assert proposal.imap == ServerAddress("imap.example.org", 993, Security.TLS, "ada")
    assert proposal.smtp == ServerAddress("smtp.example.org", 587, Security.STARTTLS, "ada@example.org")
    assert proposal.provider.label == "Example Mail"
    assert proposal.unconfirmed("ada@example.org") == ()
    assert proposal.other_usernames == ()


def test_without_a_user_name_both_usual_forms_are_tried() -> None:
    proposal = found(server(username=""))
    assert proposal.imap is not None
    assert (proposal.imap.username, proposal.other_usernames) == ("ada@example.org", ("ada",))


def test_pop3_where_there_is_no_imap() -> None:
    proposal = found(server("pop3", "pop.example.org", "995"), server("smtp"))
    assert proposal.protocol == "pop3"
    assert proposal.incoming == proposal.pop3


@pytest.mark.parametrize(
    ("said", "ways", "auth"),
    [
        (("OAuth2", "password-cleartext"), (SignInWay.OAUTH2, SignInWay.PASSWORD), AuthMethod.PASSWORD),
        (("OAuth2",), (SignInWay.OAUTH2,), AuthMethod.OAUTH2),
        (("password-encrypted",), (SignInWay.PASSWORD,), AuthMethod.PASSWORD),
        (("GSSAPI", "plain"), (SignInWay.PASSWORD,), AuthMethod.PASSWORD),
        ((), (SignInWay.PASSWORD,), AuthMethod.PASSWORD),
    ],
)
def test_authentication_is_honoured(said: tuple[str, ...], ways: tuple[SignInWay, ...], auth: AuthMethod) -> None:
    proposal = found(server(authentication=said))
    assert proposal.imap is not None
    assert (proposal.provider.ways, proposal.imap.auth) == (ways, auth)


def test_the_first_server_that_can_be_used_counts() -> None:
    proposal = found(
        server(host="kerberos.example.org", authentication=("GSSAPI",)),
        server(host="open.example.org", socket="plain"),
        server(host="good.example.org"),
    )
    assert proposal.imap is not None
    assert proposal.imap.host == "good.example.org"


@pytest.mark.parametrize(
    "useless",
    [
        server(socket="plain"),
        server(authentication=("NTLM",)),
        server(port="99999"),
        server(port="²"),
        server(host=""),
        server(host="a..b"),
        server(host="a b"),
        server(host="x" * 64 + ".example"),
        server(host="evil.example/x"),
        server(socket="SSLv2"),
        server("smtp"),
        "",
    ],
)
def test_what_cannot_be_used_is_no_proposal(useless: str) -> None:
    assert read(useless) is None


def test_without_tls_on_this_machine_only() -> None:
    proposal = found(server(host="127.0.0.1", port="1143", socket="plain"))
    assert proposal.imap is not None
    assert proposal.imap.security is Security.NONE


def test_enable_documentation_and_oauth() -> None:
    proposal = found(
        server(),
        more="""<enable visiturl="https://example.org/on"><instruction lang="de">An!</instruction>
          <instruction lang="en">Switch   IMAP on.</instruction></enable><documentation url="https://example.org/help"/>""",
        top="<oAuth2><issuer>login.example.org</issuer><scope>mail send</scope>"
        "<authURL>https://login.example.org/a</authURL><tokenURL>http://login.example.org/t</tokenURL></oAuth2>",
    )
    facts = proposal.provider
    assert (facts.notice, facts.enable_link, facts.link) == (
        "Switch IMAP on.", "https://example.org/on", "https://example.org/help",
    )  # fmt: skip
    assert (facts.oauth.authorize, facts.oauth.token, facts.oauth.scopes) == (
        "https://login.example.org/a", "", ("mail", "send"),
    )  # fmt: skip


def test_texts_cannot_steer_the_terminal_and_links_are_of_the_web() -> None:
    proposal = found(
        server(),
        more="<displayName>&#x9b;31mEvil&#x202e;</displayName>"
        '<enable visiturl="javascript:alert(1)"><instruction>x</instruction></enable>',
    )
    assert not set(proposal.provider.label) & {"\x9b", "\x1b", "\u202e"}
    assert proposal.provider.enable_link == ""


BOMB = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<clientConfig><emailProvider><displayName>&b;</displayName></emailProvider></clientConfig>"""
EXTERNAL = b"""<!DOCTYPE x SYSTEM "http://127.0.0.1/evil.dtd"><clientConfig><emailProvider/></clientConfig>"""


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<html><body>Please log in to the network</body></html>",
        b"<clientConfig>",
        b"<clientConfig/>",
        b"\xff\xfe garbage",
        b'<?xml version="1.0" encoding="utf-7"?><clientConfig/>',
        b'<?xml version="1.0" encoding="shift_jis"?><clientConfig/>',
        b'<?xml version="1.0" encoding="no-such"?><clientConfig/>',
        BOMB,
        EXTERNAL,
        b"<clientConfig><emailProvider>" + b"<a>" * 1000 + b"</a>" * 1000 + b"</emailProvider></clientConfig>",
        b"<clientConfig><emailProvider>" + b"<a/>" * 10_000 + b"</emailProvider></clientConfig>",
    ],
)
def test_what_is_no_document_is_said_to_be_none(document: bytes) -> None:
    with pytest.raises(MailMalformed):
        read_autoconfig(document, "ada@example.org", "x", Trust.DOMAIN)
