# SPDX-License-Identifier: GPL-3.0-or-later
"""The local store: the only SQL of the program.

Two SQLite files. ``own.sqlite`` (opened as ``main``) holds what exists nowhere else: waiting actions, drafts, the outbox.
``cache.sqlite`` (attached as ``cache``) holds what the server can tell again. Use is synchronous, so that no ``await``
can split a transaction; long work opens a connection of its own in a thread.
"""
