# SPDX-License-Identifier: GPL-3.0-or-later
"""What servers of providers said, as MailKit's tests recorded it, said again to tuimail's own connections."""
