# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps store and servers equal: pull what the server says, push what the user wants, send what is in the outbox, wait."""
