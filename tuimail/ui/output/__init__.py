# SPDX-License-Identifier: GPL-3.0-or-later
"""The output stage: what is on the terminal is known, and only what differs is sent (docs/adr/0007)."""
