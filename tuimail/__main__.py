# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m tuimail`` and the ``tuimail`` command: first the picture of the last screen, then the program."""

import gc
import os
import sys

from tuimail.launch import launch


def main() -> int:
    """Run the command line. Returns the exit status."""
    os.umask(0o077)
    gc.disable()
    launched = launch(sys.argv[1:])
    try:
        from tuimail.lean import compile_methods_later

        compile_methods_later()
        from tuimail.start import main as start

        return start(launched)
    except KeyboardInterrupt:
        return 130
    finally:
        launched.withdraw()


if __name__ == "__main__":
    sys.exit(main())
