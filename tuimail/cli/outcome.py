# SPDX-License-Identifier: GPL-3.0-or-later
"""What a command comes to: errors become sentences and exit statuses of sysexits(3)."""

import logging
import sys
from collections.abc import Callable

from tuimail.model.errors import ExitStatus, TuimailError

log = logging.getLogger(__name__)


def exit_status(command: Callable[[], int], as_json: Callable[[], bool] = bool) -> int:
    """Run a command. Returns its exit status; never raises, never prints a traceback. ``as_json``: how to tell errors."""
    try:
        status = command()
        sys.stdout.flush()
    except TuimailError as error:
        from tuimail.cli.output import report

        report(error, as_json=as_json())
        return error.exit_status
    except SystemExit as ended:  # --help and --version
        return ExitStatus.OK if ended.code in (0, None) else ExitStatus.USAGE
    except (KeyboardInterrupt, EOFError):  # Ctrl-C, and Ctrl-D at a question
        return 130
    except BrokenPipeError:
        from tuimail.cli.output import nobody_reads

        nobody_reads()
        return ExitStatus.OK
    except Exception:
        log.exception("tuimail ended by an error that it did not expect")
        print("tuimail: something went wrong that should not. The log has the details.", file=sys.stderr)
        return ExitStatus.FAILED
    return status
