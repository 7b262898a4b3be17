# SPDX-License-Identifier: GPL-3.0-or-later
"""Real servers on the loopback interface, each with its own files and started for one test session."""
