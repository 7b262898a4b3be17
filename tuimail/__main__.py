# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m tuimail`` and the ``tuimail`` command."""

import gc
import os
import sys


def main() -> int:
    """Run the command line. Returns the exit status."""
    os.umask(0o077)
    gc.disable()
    from tuimail.start import main as start

    return start()


if __name__ == "__main__":
    sys.exit(main())
