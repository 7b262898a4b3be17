# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers, and people on the way to them, that want a password or to be believed."""
