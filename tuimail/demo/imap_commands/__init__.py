# SPDX-License-Identifier: GPL-3.0-or-later
"""The IMAP commands, one topic per file; `COMMANDS` is the table of them all."""

from tuimail.demo.imap_commands import change, connection, fetch, folders, idle, listing, notify, search, select, sign_in
from tuimail.demo.imap_commands.command import Command

COMMANDS: dict[str, Command] = {
    **connection.COMMANDS,
    **sign_in.COMMANDS,
    **folders.COMMANDS,
    **listing.COMMANDS,
    **select.COMMANDS,
    **fetch.COMMANDS,
    **search.COMMANDS,
    **change.COMMANDS,
    **idle.COMMANDS,
    **notify.COMMANDS,
}
