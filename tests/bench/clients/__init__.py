# SPDX-License-Identifier: GPL-3.0-or-later
"""How each mail client is configured, started and driven."""
