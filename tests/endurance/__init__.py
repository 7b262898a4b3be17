# SPDX-License-Identifier: GPL-3.0-or-later
"""A working day in minutes: the program in a terminal, its mailbox, other clients, a bad line, and the curves of it."""
