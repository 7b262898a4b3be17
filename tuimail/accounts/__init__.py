# SPDX-License-Identifier: GPL-3.0-or-later
"""Who the user is: the configuration file and the secrets."""
