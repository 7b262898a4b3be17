# SPDX-License-Identifier: GPL-3.0-or-later
"""tuimail, a mail client for people who live in a terminal."""

__version__ = "0.1.0"
