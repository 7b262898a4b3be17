# SPDX-License-Identifier: GPL-3.0-or-later
"""What an account that is being added asks on the terminal. No question is agreed to by enter alone."""

import sys

from tuimail.engine.new_account import NewAccount
from tuimail.engine.setup import Setup
from tuimail.model.errors import CertificateRefused
from tuimail.model.finding import Finding

_KINDS = {"imap": "mail is read from", "pop3": "mail is fetched from", "smtp": "mail is sent by"}


def typed(question: str) -> str:
    """An answer; the question goes to standard error where standard output is read by a program."""
    if sys.stdout.isatty():
        return input(question).strip()
    print(question, end="", file=sys.stderr, flush=True)
    return input().strip()


def agreed(question: str) -> bool:
    """Whether the user said yes."""
    return typed(f"{question} [y/N] ").lower() in ("y", "yes")


async def certificates_remembered(setup: Setup, new: NewAccount) -> bool:
    """Show every certificate that is refused now, and ask for each whether this very one is to be taken from now on.

    False: there is none, or the user does not want one of them. No secret goes anywhere.
    """
    remembered: set[tuple[str, str]] = set()
    refusing = [step.step.partition(" ")[0] for step in new.steps if isinstance(step.error, CertificateRefused)]
    for kind in refusing:
        server = getattr(new.account, kind)
        refused = await setup.refused_certificate(kind, server) if server is not None and not server.fingerprint else None
        if refused is None:
            continue
        if (server.host, refused.fingerprint) not in remembered:
            print(_told(kind, f"{server.host}:{server.port}", refused))
            if not agreed("Remember this one certificate, and sign in?"):
                return False
        remembered.add((server.host, refused.fingerprint))
        new.remember(kind, refused.fingerprint)
    return bool(remembered)


def _told(kind: str, where: str, refused: Finding) -> str:
    return (
        f"\n{where}, which {_KINDS[kind]}: {refused.detail}. No password was sent.\n"
        "If the server is not your own, or not this machine, somebody may be listening.\n\n"
        f"  Fingerprint (SHA-256): {refused.fingerprint}\n\n"
        "Compare it with what whoever runs the server tells you. Remembered, this one certificate is taken, and no other."
    )
