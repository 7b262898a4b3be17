# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands without a screen, and the way to the screen."""
