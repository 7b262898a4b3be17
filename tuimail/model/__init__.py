# SPDX-License-Identifier: GPL-3.0-or-later
"""Frozen values in the words of mail. Imports nothing but the standard library."""
