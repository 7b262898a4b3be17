# SPDX-License-Identifier: GPL-3.0-or-later
"""Bytes to message and back (RFC 5322, RFC 2045-2049). Pure: no input, no output, no clock but local time for quotes."""
