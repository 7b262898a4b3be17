# SPDX-License-Identifier: GPL-3.0-or-later
"""From a decoded body to styled lines. Pure; nothing is ever fetched."""
