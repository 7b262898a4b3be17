# SPDX-License-Identifier: GPL-3.0-or-later
"""Embedded IMAP and SMTP servers with sample mail: the demo's mail account, and the test double with fault switches."""
