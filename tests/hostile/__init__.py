# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail that was made, or happens, to harm a reader: taken through the whole program within bounds of time and memory."""
