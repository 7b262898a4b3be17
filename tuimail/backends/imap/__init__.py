# SPDX-License-Identifier: GPL-3.0-or-later
"""IMAP4rev1 and rev2 (RFC 3501, RFC 9051) as a client."""
