# SPDX-License-Identifier: GPL-3.0-or-later
"""Configuration and secrets."""
