# SPDX-License-Identifier: GPL-3.0-or-later
"""Measuring what SMTP, POP3 and IMAP cost on the wire: small blocking exchanges of which every octet is known."""
