# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole program at servers of other makes, which `make test-servers` sets up."""
