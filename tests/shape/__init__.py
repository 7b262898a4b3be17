# SPDX-License-Identifier: GPL-3.0-or-later
"""The form of the code: what the linters do not check."""
