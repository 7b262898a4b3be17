# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that behave unlike others, by the names in their greetings. Pure.

What stands here is only what cannot be found out without harm or delay; everything else follows from capabilities and answers.
A greeting may be believed even before TLS: all that a false one can do is to cost a turn.
"""

SWALLOWS_WHAT_FOLLOWS_SIGN_IN = ("Cyrus IMAP", "Courier-IMAP")
"""What Cyrus has read ahead when AUTHENTICATE succeeds is lost. Courier's ``imaplogin`` gives the connection to another
program, and what it has read ahead goes with it. Neither answers what was lost."""


def reads_what_follows_sign_in(greeting: str) -> bool:
    """Whether the server may be told more before it has answered LOGIN or AUTHENTICATE, as far as its greeting tells."""
    return not any(name in greeting for name in SWALLOWS_WHAT_FOLLOWS_SIGN_IN)
