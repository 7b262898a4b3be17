# SPDX-License-Identifier: GPL-3.0-or-later
"""What to do about each cause that `tuimail doctor` finds. Pure; of a refused sign-in, `tuimail.engine.remedies` tells more."""

import re
import time
from collections.abc import Mapping

from tuimail.engine.remedies import advice_for
from tuimail.model.account import PORTS, Security, ServerAddress
from tuimail.model.discovery import Provider
from tuimail.model.errors import Offline, ServerBroken, ServerRefused, TryLater, TuimailError
from tuimail.model.finding import Cause, Finding

_OWN_AUTHORITY = (
    "If the server is your own, name its authority's certificate as `ca_file` in the configuration. Else do not go on: somebody"
    " may be listening. No password was sent."
)
_REMEMBER = (
    "If whoever runs the server tells you this very fingerprint, `fingerprint` beside `host` in the table `{kind}` has tuimail"
    " take this one certificate: {fingerprint}"
)
_CLOCK = "The clock of this machine says {now}: if that is wrong, set it (`timedatectl set-ntp true`). "

REMEDIES: Mapping[Cause, str] = {
    Cause.NAME_UNKNOWN: "Check how {host} is spelled in the configuration; the provider's help names its servers.",
    Cause.NO_DNS: "Check the network: the name server does not answer. Try again when other names can be looked up.",
    Cause.REFUSED: "Nothing listens at port {port}: check it (usual for {protocol}: {ports}), and whether the server runs.",
    Cause.FILTERED: (
        "A firewall drops what goes to port {port}, or the server is down. Try another network; usual for {protocol}: {ports}."
    ),
    Cause.NO_ROUTE: (
        "This machine has no {hint} connection to there: check the network. Where another address works, it does no harm."
    ),
    Cause.CLOSED: "Try again; if it stays so, a firewall or a limit of the server cuts the connection.",
    Cause.SILENT: "Check host and port: usual for {protocol} are {ports}. A firewall or virus scanner may stand in between.",
    Cause.PORTAL: (
        "The network wants a sign-in in the browser first (captive portal): open any page there, then try again. If the network"
        " is all right, host or port is that of a web server."
    ),
    Cause.OTHER_PROTOCOL: "Host or port is that of another service ({hint}): usual for {protocol} are {ports}.",
    Cause.NO_TLS_HERE: 'Set `security = "starttls"` for this port, or take port {tls_port} with `security = "tls"`.',
    Cause.TLS_HERE: 'Set `security = "tls"` for this port, or take port {clear_port} with `security = "starttls"`.',
    Cause.OLD_TLS: "Who runs the server has to allow TLS 1.2 or 1.3; older versions are not safe, so nothing was sent.",
    Cause.EXPIRED: _CLOCK + "If it is right, who runs the server has to renew the certificate. No password was sent.",
    Cause.EXPIRES_SOON: "Who runs the server has to renew the certificate: it holds for {hint} more days.",
    Cause.NOT_YET_VALID: _CLOCK + "If it is right, the server has got a wrong certificate. No password was sent.",
    Cause.SELF_SIGNED: _OWN_AUTHORITY,
    Cause.UNKNOWN_AUTHORITY: _OWN_AUTHORITY,
    Cause.OTHER_NAME: (
        "The server calls itself {hint}: if that is your provider's, write that name as host. If the network wants a sign-in in"
        " the browser (captive portal), do that first. No password was sent."
    ),
    Cause.CHANGED: (
        "It may have been renewed, or somebody may be listening. Ask who runs the server, by another way than mail, for the"
        " fingerprint of its certificate. No password was sent."
    ),
    Cause.CERTIFICATE: _OWN_AUTHORITY,
    Cause.CA_FILE: "Check `ca_file` in the configuration: it has to be a PEM file that you can read.",
    Cause.NO_STARTTLS: (
        'Take port {tls_port} with `security = "tls"`. A server that never encrypts, or a network that strips STARTTLS, gets no'
        " password."
    ),
    Cause.INJECTED: (
        "Somebody between here and the server may be adding words of their own: take port {tls_port} with"
        ' `security = "tls"`, or another network. No password was sent.'
    ),
    Cause.IN_CLEAR: 'Everybody on the way can read your password and mail: take `security = "tls"` and port {tls_port}.',
    Cause.TURNED_AWAY: "The server lets nobody in now, or not from this address: read its words, and try later.",
    Cause.TOO_MANY: "Too many connections are open: close other mail programs of this account, or wait some minutes.",
    Cause.NO_WAY_IN: (
        'The server takes no sign-in without TLS: set `security = "tls"` with port {tls_port}, or `security = "starttls"`.'
    ),
    Cause.NO_AUTH: (
        'This port takes mail without a sign-in, or only after TLS: take port {tls_port} with `security = "tls"` or 587 with'
        ' `security = "starttls"`; for a relay that knows you by your address, set `auth = "none"`.'
    ),
    Cause.ODD_ANSWER: "Check host and port; `--verbose` shows what was said.",
}

NO_FOLDER = "Without one no mail can be shown: check the user name, and ask who runs the server whether there is a mailbox."

_CROWDED = re.compile(r"too many|max(?:imum)?\b.{0,30}connection|connection.{0,30}(?:limit|exceeded)", re.IGNORECASE)
_SENDER = re.compile(r"sender.{0,30}(?:not owned|rejected|denied)|not (?:allowed|permitted|owned).{0,40}(?:send|sender|from)"
                     r"|send ?as ?denied|5\.7\.60|5\.7\.1\b.{0,60}sender|sender address rejected", re.IGNORECASE)  # fmt: skip


def remedy(found: Finding, kind: str, server: ServerAddress, provider: Provider) -> str:
    """What to do about a finding; empty when there is nothing to do. ``kind``: ``imap``, ``pop3``, ``smtp``."""
    if found.cause is None:
        return ""
    bridge = provider.bridge and found.cause in (Cause.REFUSED, Cause.SELF_SIGNED, Cause.UNKNOWN_AUTHORITY)
    advice = provider.notice if bridge else _advice(found.cause, found.hint, kind, server)
    if not found.fingerprint:
        return advice
    return f"{advice} {_REMEMBER.format(kind=kind, fingerprint=found.fingerprint)}"


def _advice(cause: Cause, hint: str, kind: str, server: ServerAddress) -> str:
    ports = PORTS[kind]
    tls_port, clear_port = ports[Security.TLS], ports[Security.STARTTLS]
    return REMEDIES[cause].format(
        host=server.host,
        port=server.port,
        protocol=kind.upper(),
        ports=f"{tls_port} (tls) and {clear_port} (starttls)",
        tls_port=tls_port,
        clear_port=clear_port,
        hint=hint,
        now=time.strftime("%Y-%m-%d %H:%M"),
    )


def remedy_at_sign_in(error: TuimailError, kind: str, provider: Provider) -> str:
    """What to do after a refused sign-in."""
    tls_port = PORTS[kind][Security.TLS]
    match error:
        case _ if _CROWDED.search(error.message):
            return REMEDIES[Cause.TOO_MANY]
        case ServerRefused(code="LOGINDISABLED"):
            return REMEDIES[Cause.NO_WAY_IN].format(tls_port=tls_port)
        case TryLater():
            return error.advice or "The server asks to try later: wait some minutes, then try again."
        case _:
            return advice_for(error, provider, kind.upper())


def remedy_at_least(error: TuimailError) -> str:
    """What to do where nothing better is known."""
    match error:
        case Offline():
            return REMEDIES[Cause.CLOSED]
        case ServerBroken():
            return "`--verbose` shows what was said; if it happens again, tell whoever runs the server."
        case _:
            return "Read the server's words; `--verbose` shows all that was said."


def remedy_at_sending(error: TuimailError) -> str:
    """What to do when the message to oneself was not taken."""
    if isinstance(error, ServerRefused) and _SENDER.search(error.message):
        return (
            "The server does not let this user send as that address: set `email` to one that is yours there, or sign in as"
            " the user to whom it belongs."
        )
    return error.advice
