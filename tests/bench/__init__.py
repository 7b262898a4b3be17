# SPDX-License-Identifier: GPL-3.0-or-later
"""Measurements of the whole program in a real terminal, against real servers: `make bench`, told in `docs/performance.md`."""
