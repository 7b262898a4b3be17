# SPDX-License-Identifier: GPL-3.0-or-later
"""The screen: shows pages and turns keys into calls of the engine."""
