# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything a front end may ask, in the user's words. Front ends speak to this package and to `tuimail.model` only."""
