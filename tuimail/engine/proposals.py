# SPDX-License-Identifier: GPL-3.0-or-later
"""A proposal with something changed in it: how to sign in, as whom, at which port, by which certificate. Pure."""

from dataclasses import replace

from tuimail.model.account import AuthMethod, Security, ServerAddress
from tuimail.model.discovery import Proposal

_OTHER_PORT = {(465, Security.TLS): (587, Security.STARTTLS), (587, Security.STARTTLS): (465, Security.TLS)}
"""The two places of submission (RFC 8314 §3.3, RFC 6409 §3.1): networks and providers close one or the other."""


def with_auth(proposal: Proposal, before: AuthMethod, after: AuthMethod) -> Proposal:
    """Servers that were to be signed in to by one method are by the other."""

    def changed(server: ServerAddress | None) -> ServerAddress | None:
        return replace(server, auth=after) if server is not None and server.auth is before else server

    return replace(proposal, imap=changed(proposal.imap), pop3=changed(proposal.pop3), smtp=changed(proposal.smtp))


def signing_in_as(proposal: Proposal, username: str) -> Proposal:
    """The same servers, with another user name."""
    return replace(
        proposal,
        imap=proposal.imap and replace(proposal.imap, username=username),
        pop3=proposal.pop3 and replace(proposal.pop3, username=username),
        smtp=proposal.smtp and replace(proposal.smtp, username=username),
    )


def by_other_port(proposal: Proposal) -> Proposal | None:
    """The same submission server at the other port that such servers have; None when it is at neither."""
    smtp = proposal.smtp
    other = _OTHER_PORT.get((smtp.port, smtp.security)) if smtp is not None else None
    if smtp is None or other is None:
        return None
    return replace(proposal, smtp=replace(smtp, port=other[0], security=other[1]))


def remembering(proposal: Proposal, kind: str, fingerprint: str) -> Proposal:
    """The ``imap``, ``pop3`` or ``smtp`` server is known by its certificate's fingerprint (SHA-256)."""
    return replace(proposal, **{kind: replace(getattr(proposal, kind), fingerprint=fingerprint)})
