# SPDX-License-Identifier: GPL-3.0-or-later
"""The people of the sample mail. All of them are made up, and so are their companies."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who writes or is written to."""

    name: str
    email: str

    @property
    def domain(self) -> str:
        """The right half of the address."""
        return self.email.rpartition("@")[2]

    @property
    def first_name(self) -> str:
        """How friends call them."""
        return self.name.split()[0] if self.name else self.email


OWNER = Person("Robin Winter", "robin@example.org")
PEOPLE = {
    "me": OWNER,
    "mira": Person("Mira Lindqvist", "mira@lanternmaps.example"),
    "jonas": Person("Jonas Bergmann", "jonas@lanternmaps.example"),
    "tomasz": Person("Tomasz Zieliński", "tomasz@example.net"),
    "aiko": Person("Aiko Tanabe", "aiko.tanabe@example.com"),
    "leila": Person("Leila Haddad", "leila@harbourlight.example"),
    "ben": Person("Ben Okafor", "ben.okafor@example.com"),
    "sofia": Person("Sofia Marques", "sofia@choir.example"),
    "ilse": Person("Oma Ilse", "ilse.winter@example.net"),
    "priya": Person("Priya Raman", "priya@events.example.org"),
    "hakon": Person("Håkon Vik", "hakon@tidepool.example"),
    "grace": Person("Grace Adeyemi", "grace@example.com"),
    "chen": Person("Chen Wei", "chen.wei@example.net"),
    "dmitri": Person("Dmitri Orlov", "dmitri@example.net"),
    "nadia": Person("Надежда Соколова", "nadia@example.net"),
    "yuki": Person("山田ゆき", "yuki@example.com"),
    "ming": Person("李明", "li.ming@example.net"),
    "mei": Person("陳美玲", "mei@example.com"),
    "noa": Person("נועה לוי", "noa@example.net"),
    "samir": Person("سمير منصور", "samir@example.net"),
    "francois": Person("François Lemaître", "francois@example.net"),
}
TIDEPOOL = Person("tidepool-dev", "tidepool-dev@lists.example.org")
KESTREL = Person("Kestrel Print", "invoices@kestrel-print.example")
ENERGY = Person("Brightwater Energy", "billing@brightwater.example")
WEEKLY = Person("Tidal Weekly", "letter@tidalweekly.example")
OUTDOOR = Person("Fjord & Fell", "hello@fjordfell.example")
RAIL = Person("Nimbus Rail", "tickets@nimbusrail.example")
LIBRARY = Person("Meadow Library", "noreply@meadow-library.example")
FORGE = Person("Codeforge", "builds@codeforge.example")
POSTMASTER = Person("Mail Delivery System", "mailer-daemon@example.org")
