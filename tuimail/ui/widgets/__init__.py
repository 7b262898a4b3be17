# SPDX-License-Identifier: GPL-3.0-or-later
"""Panes and lines that draw model values. They know neither the engine nor each other."""
