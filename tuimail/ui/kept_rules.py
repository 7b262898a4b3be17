# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of the style sheet as an earlier start parsed them: to parse them takes ten times as long as to read them.

They are kept with what else a start compiles (`tuimail.compiled`), so they are read only where code may be. They hold for the
colours and for the very Textual for which they were parsed. A private part of Textual 8.2 is used, the sheet's `_parse_cache`.
"""

import logging
import os
import pickle
import sys
from collections.abc import MutableMapping

from textual.css.stylesheet import Stylesheet

log = logging.getLogger(__name__)
_NAME = "rules"
_NOTHING = pickle.dumps(({}, [], {}))


class KeptRules:
    """What one style sheet need not parse."""

    def __init__(self, sheet: Stylesheet, notes: MutableMapping[str, bytes]) -> None:
        """``notes`` of earlier starts, for later ones."""
        self._sheet = sheet
        self._notes = notes
        self._recalled: set[object] = set()

    def recall(self) -> None:
        """The sheet got its variables, and has parsed nothing: recall what an earlier start parsed with the same."""
        try:
            variables, textual, rules = pickle.loads(self._notes.get(_NAME, _NOTHING))  # noqa: S301  no less private than code
            if (variables, textual) == (self._sheet._variables, _textual()):
                for key, parsed in rules.items():
                    self._sheet._parse_cache[key] = parsed
                self._recalled = set(rules)
        except Exception:  # Whatever is odd here, the sheet can be parsed.
            log.info("the rules of the style sheet could not be used as they were kept", exc_info=True)

    def note(self) -> None:
        """The first screen stands: note what was parsed for it, if anything was."""
        sheet = self._sheet
        rules = {key: sheet._parse_cache[key] for key in sheet._parse_cache.keys()}  # noqa: SIM118  no mapping
        if not rules.keys() <= self._recalled:
            try:
                self._notes[_NAME] = pickle.dumps((sheet._variables, _textual(), rules))
            except Exception:  # As above.
                log.info("the rules of the style sheet cannot be kept", exc_info=True)


def _textual() -> list[tuple[str, int, int]]:
    """Of what Textual the rules are: size and time of change (ns) of what parses them, and of what they are made of."""
    found = []
    for name in sorted(name for name in sys.modules if name.startswith("textual.css.") or name == "textual.color"):
        file = os.stat(sys.modules[name].__file__ or "")  # noqa: PTH116
        found.append((name, file.st_size, file.st_mtime_ns))
    return found
