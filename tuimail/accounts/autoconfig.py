# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading a provider's ``config-v1.1.xml`` (draft-ietf-mailmaint-autoconfig). Pure.

The document comes from a stranger: it may declare no document type, so there are no entities to expand, and its depth and
number of elements are limited.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from tuimail.model.account import AuthMethod, Security, ServerAddress, is_host, is_loopback
from tuimail.model.discovery import OAuthFacts, Proposal, Provider, SignInWay, Trust
from tuimail.model.errors import MailMalformed
from tuimail.model.text import safe_line

_MOST_ELEMENTS = 2000
_DEEPEST = 16
_SECURITY = {"ssl": Security.TLS, "tls": Security.TLS, "starttls": Security.STARTTLS, "plain": Security.NONE}
_WAYS = {
    "oauth2": SignInWay.OAUTH2,
    "password-cleartext": SignInWay.PASSWORD,
    "plain": SignInWay.PASSWORD,
    "password-encrypted": SignInWay.PASSWORD,
    "secure": SignInWay.PASSWORD,
    "none": SignInWay.NONE,
    "client-ip-address": SignInWay.NONE,
}
"""Other words of ``<authentication>`` (GSSAPI, NTLM, TLS-client-cert) are ways that tuimail does not know."""
_AUTH = {
    SignInWay.PASSWORD: AuthMethod.PASSWORD,
    SignInWay.OAUTH2: AuthMethod.OAUTH2,
    SignInWay.NONE: AuthMethod.NONE,
}


def read_autoconfig(document: bytes, email: str, source: str, trust: Trust, real_name: str = "") -> Proposal | None:
    """What the document proposes for an address; None when it names no server that can be used.

    Of several servers of a kind the first counts whose security and sign-in are known here. Raises MailMalformed when this is
    no such document.
    """
    root = _parse(document)
    provider = next(root.named("emailProvider"), None) if root.name == "clientConfig" else None
    if provider is None:
        raise MailMalformed("this is no autoconfig document")
    fill = _placeholders(email, real_name)
    found = {
        kind: _first(provider, tag, kind, fill, email)
        for tag, kind in (("incomingServer", "imap"), ("incomingServer", "pop3"), ("outgoingServer", "smtp"))
    }
    incoming = found["imap"] or found["pop3"]
    if incoming is None:
        return None
    smtp = found["smtp"]
    return Proposal(
        source,
        trust,
        imap=found["imap"].address if found["imap"] else None,
        pop3=found["pop3"].address if found["pop3"] else None,
        smtp=smtp.address if smtp else None,
        provider=_facts(root, provider, incoming.ways),
        other_usernames=() if incoming.named else (email.rpartition("@")[0],),
    )


@dataclass(slots=True)
class _Element:
    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    children: "list[_Element]" = field(default_factory=list)

    def named(self, name: str) -> "Iterator[_Element]":
        return (child for child in self.children if child.name == name)

    def value(self, name: str) -> str:
        """The text of the first child of that name."""
        return next((safe_line(child.text.strip(), limit=300) for child in self.named(name)), "")


@dataclass(frozen=True, slots=True)
class _Server:
    address: ServerAddress
    ways: tuple[SignInWay, ...]
    named: bool
    """Whether the document names the user."""


def _parse(document: bytes) -> _Element:
    top = _Element("")
    stack = [top]
    count = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if count > _MOST_ELEMENTS or len(stack) > _DEEPEST:
            raise MailMalformed("the document is too large")
        element = _Element(name, attributes)
        stack[-1].children.append(element)
        stack.append(element)

    def end(_name: str) -> None:
        stack.pop()

    def characters(text: str) -> None:
        stack[-1].text += text

    def refuse(*_: object) -> None:
        raise MailMalformed("the document declares a type of its own")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, characters
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(document, True)
    except (expat.ExpatError, ValueError, LookupError) as error:  # the last two for encodings that are not known
        raise MailMalformed("this is no XML") from error
    return top.children[0]


def _placeholders(email: str, real_name: str) -> dict[str, str]:
    local, _, domain = email.rpartition("@")
    return {
        "%EMAILADDRESS%": email,
        "%EMAILLOCALPART%": local,
        "%EMAILDOMAIN%": domain,
        "%REALNAME%": real_name,
    }


def _filled(text: str, fill: dict[str, str]) -> str:
    for word, value in fill.items():
        text = text.replace(word, value)
    return text


def _first(provider: _Element, tag: str, kind: str, fill: dict[str, str], email: str) -> _Server | None:
    of_kind = (element for element in provider.named(tag) if element.attributes.get("type") == kind)
    return next((server for element in of_kind if (server := _server(element, fill, email))), None)


def _server(element: _Element, fill: dict[str, str], email: str) -> _Server | None:
    """The server, unless it cannot be used: no name, no TLS though it is elsewhere, or a sign-in that is not known here."""
    host = _filled(element.value("hostname"), fill).lower().rstrip(".")
    port = element.value("port")
    security = _SECURITY.get(element.value("socketType").lower())
    told = [safe_line(child.text.strip()).lower() for child in element.named("authentication")]
    ways = tuple(dict.fromkeys(_WAYS[word] for word in told if word in _WAYS)) if told else (SignInWay.PASSWORD,)
    if not is_host(host) or not (port.isascii() and port.isdigit() and 0 < int(port) < 65536) or security is None or not ways:
        return None
    if security is Security.NONE and not is_loopback(host):
        return None
    user = _filled(element.value("username"), fill)
    first = SignInWay.PASSWORD if SignInWay.PASSWORD in ways else ways[0]
    return _Server(ServerAddress(host, int(port), security, user or email, _AUTH[first]), ways, bool(user))


def _facts(root: _Element, provider: _Element, ways: tuple[SignInWay, ...]) -> Provider:
    enable = next((element for element in provider.named("enable") if _link(element, "visiturl")), None)
    document = next((element for element in provider.named("documentation") if _link(element, "url")), None)
    oauth = next((element for element in (*root.named("oAuth2"), *provider.named("oAuth2"))), _Element("oAuth2"))
    return Provider(
        provider.value("displayName"),
        ways,
        _told(enable, "instruction") or ("IMAP may have to be switched on in the provider's settings." if enable else ""),
        _link(document, "url"),
        enable_link=_link(enable, "visiturl"),
        oauth=OAuthFacts(
            authorize=_secure(oauth.value("authURL")),
            token=_secure(oauth.value("tokenURL")),
            scopes=tuple(oauth.value("scope").split()),
            issuer=oauth.value("issuer"),
        ),
    )


def _link(element: _Element | None, attribute: str) -> str:
    return _secure(safe_line(element.attributes.get(attribute, ""), limit=500)) if element is not None else ""


def _secure(url: str) -> str:
    """The address if it is one of the web's, else nothing: nobody should open another kind."""
    return url if url.startswith("https://") and " " not in url else ""


def _told(element: _Element | None, name: str) -> str:
    """The text in English if there is one, else the first."""
    if element is None:
        return ""
    texts = sorted(element.named(name), key=lambda child: child.attributes.get("lang", "en") != "en")
    return safe_line(" ".join(texts[0].text.split()), limit=300) if texts else ""
