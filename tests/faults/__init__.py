# SPDX-License-Identifier: GPL-3.0-or-later
"""What networks, servers and other programs do to mail, and that nothing is lost, doubled or wrongly touched by it."""
