# SPDX-License-Identifier: GPL-3.0-or-later
"""Message submission (RFC 6409) by aiosmtplib, with a DATA step of our own."""
