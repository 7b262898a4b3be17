# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that behave unlike others, by the names in their greetings. Pure.

What stands here is only what cannot be found out without harm or delay; everything else follows from capabilities and answers.
A greeting may be believed even before TLS: all that a false one can do is to cost a turn.
"""

import re

SWALLOWS_WHAT_FOLLOWS_SIGN_IN = ("Cyrus IMAP", "Courier-IMAP")
"""What Cyrus has read ahead when AUTHENTICATE succeeds is lost. Courier's ``imaplogin`` gives the connection to another
program, and what it has read ahead goes with it. Neither answers what was lost."""


WRITES_WHEN_LEFT = "IMAP4rev1"
"""All that GNU mailutils imap4d says in its greeting. It keeps changes of flags in memory until the folder is left, even over
CHECK, and then writes the file from what it read when it opened it: what others changed in between is lost."""


TELLS_FALSE_MAILBOX_IDS = re.compile(r"Cyrus IMAP 3\.[0-6]\b")
"""STATUS of Cyrus 3.6.1 tells, as MAILBOXID, octets of memory that holds something else already: another one each time, the
same for several folders, or what breaks the response. Folders would seem to be renamed to each other."""


LOSES_WIDE_NAMES = "Courier-IMAP"
"""Courier takes a folder's name with characters beyond the Basic Multilingual Plane if it comes as UTF-8, and cannot say it in
modified UTF-7: the connection of every client without UTF8=ACCEPT ends over LIST from then on."""


def reads_what_follows_sign_in(greeting: str) -> bool:
    """Whether the server may be told more before it has answered LOGIN or AUTHENTICATE, as far as its greeting tells."""
    return not any(name in greeting for name in SWALLOWS_WHAT_FOLLOWS_SIGN_IN)


def writes_when_left(greeting: str) -> bool:
    """Whether what is changed in a folder may reach the file only when the folder is left, as far as the greeting tells."""
    return greeting.strip() == WRITES_WHEN_LEFT


def loses_wide_names(greeting: str) -> bool:
    """Whether no name may have characters beyond the Basic Multilingual Plane, as far as the greeting tells."""
    return LOSES_WIDE_NAMES in greeting


def not_to_be_believed(greeting: str) -> frozenset[str]:
    """Capabilities that the server offers and does not have, as far as the greeting tells."""
    return frozenset({"OBJECTID"}) if TELLS_FALSE_MAILBOX_IDS.search(greeting) else frozenset()
