# SPDX-License-Identifier: GPL-3.0-or-later
"""The store, seen from outside: calls in, what is shown out."""
