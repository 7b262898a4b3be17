# SPDX-License-Identifier: GPL-3.0-or-later
"""What commands do on the mailbox screen, one file for each topic. A screen asks each group in turn."""
