# SPDX-License-Identifier: GPL-3.0-or-later
"""POP3 (RFC 1939) over asyncio, without a library: poplib blocks, has no deadline for a whole answer and refuses long lines."""
