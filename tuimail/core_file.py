# SPDX-License-Identifier: GPL-3.0-or-later
"""What a crash must not leave behind."""


def leave_no_core() -> None:
    """From now on no core is written or handed on: mail and passwords would be in it. Programs that are started inherit that.

    Linux gives a core to the program that ``core_pattern`` names whatever the limit is, but for a limit of one octet
    (``do_coredump`` in fs/coredump.c); a file that small is not written either.
    """
    import resource
    import sys

    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    limit = 1 if sys.platform == "linux" and most != 0 else 0
    resource.setrlimit(resource.RLIMIT_CORE, (limit, limit))
