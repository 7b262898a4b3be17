# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the embedded servers, by clients that are not ours: imaplib, smtplib and bare sockets."""
