# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever reads what strangers write, fed with changed input: each reader answers safely, or by the error that it promises."""
