# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail servers. What the sync engine needs of them stands in `tuimail.backends.port`."""
