# SPDX-License-Identifier: GPL-3.0-or-later
"""IMAP's octets ↔ values. Pure: no sockets, no asyncio."""
