# SPDX-License-Identifier: GPL-3.0-or-later
"""Switches that make the embedded servers misbehave. They may be changed while the servers run."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(slots=True)
class Faults:
    """What goes wrong. The default is: nothing."""

    without: frozenset[str] = frozenset()
    """Capabilities (upper case) that are neither announced nor understood; SMTP's PIPELINING and SMTPUTF8 too, and
    POP3's ``CAPA TOP UIDL USER APOP STLS SASL``."""
    nomodseq: bool = False
    """Mailboxes keep no mod-sequences (RFC 7162 §3.1.2.2), although CONDSTORE is announced."""
    no_keywords: bool = False
    r"""PERMANENTFLAGS lacks ``\*``; keywords are dropped silently."""
    read_only: frozenset[str] = frozenset()
    """Folders that SELECT opens read-only."""
    cut_after: int | None = None
    """Octets that IMAP and POP3 may still send, over all connections; the connection that goes beyond is cut there, once."""
    cut_received: int | None = None
    """Octets that the servers still read, over all connections; the connection that goes beyond is cut there, once."""
    cut_on: str | None = None
    """A command at which the line is cut: ``"APPEND"``, ``"UID MOVE"``; SMTP's ``"MAIL"``, ``"RCPT"``, ``"DATA"``; of POP3
    ``"RETR"`` and ``"RETR 3"``."""
    cut_when: Literal["before", "after"] = "before"
    """Before the command is carried out, or after it and before its answer."""
    cut_times: int = 1
    """How many times `cut_on` still strikes."""
    delay: float = 0.0
    """Seconds before each answer."""
    bye_on: str | None = None
    """A command that is answered by ``* BYE`` and the end of the connection; ``"greeting"`` greets so."""
    greeting: str = ""
    """Sent instead of the usual greeting, such as ``* PREAUTH welcome``, or by POP3 ``+OK ready``."""
    preamble: dict[str, bytes] = field(default_factory=dict)
    """Command → raw octets sent right before its tagged answer."""
    starttls_inject: bytes = b""
    """Octets sent in clear in one segment with the OK of STARTTLS or STLS (response injection)."""
    malformed: frozenset[str] = frozenset()
    """What is malformed in FETCH answers: ``envelope bodystructure literal nouid garbage parenthesis``."""
    damaged: dict[int, str] = field(default_factory=dict)
    """UIDs of messages that cannot be read, and what is said when more than UID, FLAGS or MODSEQ is asked of one: ``NO …`` once
    the others were told of, ``BYE …`` and the end of the connection at once, as Dovecot does, or, empty, nothing."""
    endless: dict[int, str] = field(default_factory=dict)
    """UIDs of messages of which FETCH tells one item, such as ``"BODYSTRUCTURE"``, at a length of 17 MiB."""
    one_byte: bool = False
    """Every octet is written by itself."""
    refuse: dict[str, str] = field(default_factory=dict)
    """Command → answer: ``{"APPEND": "NO [OVERQUOTA] Full"}``; SMTP ``"AUTH"``, ``"MAIL"``, ``"RCPT"``, ``"DATA"`` (the final
    dot) or a recipient: ``{"bob@example.org": "550 5.1.1 Unknown"}``; POP3 ``{"DELE": "-ERR No"}``."""
    uidvalidity_bump: bool = False
    """The next SELECT finds its folder with a new UIDVALIDITY and new UIDs; then the switch is off again."""
    same_uidl: bool = False
    """POP3 gives all messages one identity."""
    changing_uidl: bool = False
    """POP3 gives every message another identity in each connection."""
    silent_idle: bool = False
    """IDLE is accepted and nothing is ever pushed."""

    def strikes(self, wanted: str | None, command: str) -> bool:
        """Whether a switch that names ``wanted`` means ``command``: ``FETCH`` means ``UID FETCH`` too."""
        return wanted is not None and (command == wanted or command == f"UID {wanted}")

    def refusal(self, command: str) -> str | None:
        """The answer that `refuse` holds for a command."""
        return self.refuse.get(command) or self.refuse.get(command.removeprefix("UID "))

    def cuts(self, command: str, when: str) -> bool:
        """Whether the connection is to be cut now; counts down `cut_times`."""
        if self.cut_when != when or self.cut_times <= 0 or not self.strikes(self.cut_on, command):
            return False
        self.cut_times -= 1
        return True

    def allowance(self, sending: bool, octets: int) -> int | None:
        """How many of ``octets`` may still pass before the cut; None when all may."""
        left = self.cut_after if sending else self.cut_received
        if left is None:
            return None
        rest = left - octets if left >= octets else None
        if sending:
            self.cut_after = rest
        else:
            self.cut_received = rest
        return left if rest is None else None
