# SPDX-License-Identifier: GPL-3.0-or-later
"""What a crash must not leave behind."""


def leave_no_core() -> None:
    """From now on no core file is written: mail and passwords would be in it. Programs that are started inherit that."""
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
