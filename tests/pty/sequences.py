# SPDX-License-Identifier: GPL-3.0-or-later
"""Sequences that the program writes, and some that it never does."""

import re

OWN = re.compile(
    rb"\x1b\[[?>=<]?[0-9;:]*[A-Za-z]"  # CSI: colours, cursor, modes
    rb"|\x1b\[\?[0-9;]*\$p"  # which modes there are
    rb"|\x1b\]8;[^\x1b\x07]*\x1b\\"  # links
    rb"|\x1b\]22;[a-z-]*\x07"  # shape of the mouse pointer
    rb"|\x1b[78=>DM]"
)
"""Sequences that Textual writes."""
FOREIGN = (b"\x1b[31mred", b"\x1b]0;", b"\x9b5m", "\u202e".encode(), "\u2066".encode(), "\u009b".encode())
