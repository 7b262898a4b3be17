# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m tuimail`` and the ``tuimail`` command: first the picture of the last screen, then the program."""

import gc
import os
import sys

from tuimail.launch import Launch, launch

TYPE_CHECKING = False
"""As in `typing`, which is not imported here."""
if TYPE_CHECKING:
    from collections.abc import Callable


def main() -> int:
    """Run the command line. Returns the exit status."""
    os.umask(0o077)
    gc.disable()
    sys.setswitchinterval(0.0005)  # who talks to a server waits that long for who imports or computes; 5 ms are a round trip
    if sys.argv[0].rpartition("/")[2] == "sendmail":  # called by a link of that name
        sys.argv.insert(1, "sendmail")
    launched = launch(sys.argv[1:])
    try:
        if launched.state:
            return _run_compiled(launched)
        return _run(launched)
    except KeyboardInterrupt:
        return 130
    finally:
        launched.withdraw()


def _run_compiled(launched: Launch) -> int:
    """Run the command line with what earlier starts compiled, and keep what this one did."""
    from tuimail.compiled import Compiled, folder_for

    compiled = Compiled(folder_for(__file__.rpartition("/")[0], launched.state))
    compiled.use()
    launched.imported, launched.notes = compiled.settle, compiled.notes
    status = _run(launched, compiled.use_for_classes)
    compiled.keep()
    return status


def _run(launched: Launch, use_for_classes: "Callable[[], object]" = bool) -> int:
    """Run the command line; the servers first, as the way to them takes longest. Then comes ``use_for_classes``."""
    from tuimail.core_file import leave_no_core

    leave_no_core()
    early = None
    if launched.config_file:
        from tuimail.early import connect_early

        early = connect_early(launched.config_file)
    use_for_classes()
    from tuimail.lean import compile_methods_later

    compile_methods_later()
    from tuimail.start import Program

    program, home = Program(launched, early), launched.home
    if home is not None:  # neither argparse nor any command is needed
        from tuimail.cli.outcome import exit_status

        return exit_status(lambda: program.open(home, account="", folder="", verbose=False))
    from tuimail.cli.main import run

    return run(sys.argv[1:], program)


if __name__ == "__main__":
    sys.exit(main())
