# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail addresses (RFC 5322 §3.4)."""

import re
from dataclasses import dataclass

_PLAIN_SPEC = re.compile(r'(?:[^\s"(),:;<>\[\]\\]|"(?:[^"\\]|\\.)*+")*+(?:(?<=@)\[[^\s\[\]<>,;]*\])?')
"""What is read as one address, and as this one, also without angle brackets."""
_LOCAL = re.compile(r'[^\s()<>\[\]:;@\\,"\x00-\x1f\x7f]+|"(?:[^"\\]|\\.)*+"')
"""A local part that stands as it is: without quotes, or quoted already (RFC 5321 §4.1.2)."""
_PLAIN_PHRASE = re.compile(r"^[\w!#$%&'*+/=?^`{|}~ -]*$")


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox: display name (decoded, may be empty) and addr-spec."""

    name: str
    email: str

    def __str__(self) -> str:
        """The RFC 5322 form with the name in Unicode, quoted where it must be."""
        if not self.name:
            return self.email if _PLAIN_SPEC.fullmatch(self.email) else f"<{self.email}>"
        if _PLAIN_PHRASE.match(self.name):
            return f"{self.name} <{self.email}>"
        quoted = self.name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}" <{self.email}>'

    @property
    def short(self) -> str:
        """The name, or the address where there is none."""
        return self.name or self.email

    @property
    def domain(self) -> str:
        """What follows the last ``@``, in lower case; empty where there is none."""
        return self.email.rpartition("@")[2].lower() if "@" in self.email else ""

    def same_mailbox(self, other: "Address") -> bool:
        """Whether both name one mailbox; case is ignored, as nearly every server does."""
        return self.email.lower() == other.email.lower()


def addr_spec(local: str, domain: str) -> str:
    """Both joined by ``@``, the local part quoted where it must be, so that it is read as no other address (RFC 5322 §3.4.1).

    IMAP tells it without the quotes (RFC 9051 §7.5.2).
    """
    if local and not _LOCAL.fullmatch(local):
        local = '"{}"'.format(local.replace("\\", "\\\\").replace('"', '\\"'))
    return f"{local}@{domain}"


def format_addresses(addresses: tuple[Address, ...]) -> str:
    """The list as a person would type it."""
    return ", ".join(map(str, addresses))
