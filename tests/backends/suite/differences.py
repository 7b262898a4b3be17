# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known to come out differently on other makes of servers, and why.

A test that is named here is expected to fail on that server, and a run in which it passes fails: the table stays true.
`docs/servers.md` tells what the user sees of each.
"""

from fnmatch import fnmatchcase
from typing import NamedTuple


class Difference(NamedTuple):
    """One reason, and the tests that meet it."""

    reason: str
    tests: tuple[str, ...]
    """Patterns of test names; ``*`` stands for anything, the server's name is left out of the brackets."""
    endless: bool = False
    """Whether the test would wait for something that never comes: it is not run."""


_NO_MODSEQ = "has no CONDSTORE: flags are compared one by one, and no mod-sequence is told"
_SIGNS_IN_FIRST = "drops what follows the sign-in: nothing is said along with it, and one turn more is needed"
_NO_NOTIFY = Difference("has no NOTIFY: folders that are not open are looked at in rounds", (
    "test_other_folders*", "test_notify_is_said_once",
))  # fmt: skip
_WITHOUT_ANOTHER = (
    "nothing", "UIDPLUS", "MOVE", "IDLE", "NOTIFY", "SPECIAL-USE", "CREATE-SPECIAL-USE", "LIST-STATUS", "LIST-EXTENDED",
    "COMPRESS=DEFLATE", "UNSELECT", "NAMESPACE", "ID", "ESEARCH", "SASL-IR", "OBJECTID", "LITERAL+",
)  # fmt: skip
"""What a test may take away where CONDSTORE is not there anyway."""
_IDLE = (
    "test_changed_flags", "test_vanished_mail", "test_one_after_the_other", "test_cancelling_leaves_the_connection_usable",
    "test_what_was_told_meanwhile_is_not_lost", "test_two_backends_of_one_account",
)  # fmt: skip
DIFFERENCES: dict[str, tuple[Difference, ...]] = {
    "cyrus": (
        _NO_NOTIFY,
        Difference("takes no \\, \", % and { in names of folders, and says so", (
            "test_names*quo*", "test_names*back*", "test_names*100%*", "test_names*{5}*",
        )),
        Difference("takes no \" in names of folders", ("test_within_a_folder_with_a_name_of_its_own",)),
        Difference("tells of own changes of flags again, as news", ("test_own_changes_of_flags_are_no_news",)),
        Difference("makes the folders above a new one, too", ("test_nested_folders",)),
        Difference("removes no folder that has others below it, and says so", ("test_delete_leaves_what_is_below",)),
        Difference(_SIGNS_IN_FIRST, ("test_the_first_rows_take_two_turns", "test_what_changed_comes_in_one_turn")),
    ),
    "courier": (
        _NO_NOTIFY,
        Difference(_NO_MODSEQ, (
            "test_only_what_changed", "test_the_modseq_is_told", "test_the_rest_of_a_row", "test_select",
            "test_condstore_alone", "test_resync_*", "test_a_new_uidvalidity_is_no_resync",
            "test_roles_and_counts_come_in_one_turn", "test_connect_and_close",
            *(f"test_a_morning[{without}]" for without in _WITHOUT_ANOTHER),
        )),
        Difference("has no special uses: folders are known by their names", (
            "test_without_list_status_the_counts_are_left_out",
        )),
        Difference("has no LITERAL+: each upload waits for permission", (
            "test_permission_is_waited_for_only_where_it_must*without0*",
        )),
        Difference("separates folders by dots", ("test_names*a.b*",)),
        Difference("takes no names beyond the Basic Multilingual Plane", ("test_names*\U0001f600*", "test_names*2D3eAA*")),
        Difference("takes a renaming of what is missing for done", ("test_renaming_what_is_missing_or_taken",)),
        Difference("takes a message without MIME-Version for one part of plain text (RFC 2045 §4)", (
            "test_progress_of_one_part",
        )),
        Difference("has no SASL-IR: the first message waits", ("test_starttls",)),
        Difference("has no MOVE", ("test_move", "test_move_without_uidplus")),
        Difference("is not told the commands that the cut waits for", ("test_a_cut_ends_every_call_at_once*",), True),
        Difference("tells of what came into the selected folder by APPEND or COPY only at the next NOOP", (
            "test_into_the_selected_folder", "test_copies_within_the_folder",
        )),
        Difference("gives as MIME header of a part its Content- fields alone, and the CR before a boundary as the part's", (
            "test_parts", "test_all_parts_in_one_flight",
        )),
        Difference("looks at the mailbox only now and then while idle", _IDLE, True),
        Difference("has no UNSELECT", ("test_unselect_removes_nothing",)),
        Difference("offers no SASL beside LOGIN without TLS", (
            "test_on_a_line_that_stays_on_the_machine_one_turn_is_enough", "test_without_tls_the_password_is_not_sent",
            "test_without_sasl_ir_the_first_message_waits",
        )),
        Difference(_SIGNS_IN_FIRST, (
            "test_the_first_rows_take_two_turns", "test_what_changed_comes_in_one_turn",
            "test_a_connection_that_opens_nothing_is_arranged_in_two_turns",
        )),
    ),
}  # fmt: skip


def difference(server: str, test: str) -> Difference | None:
    """What is known of a test (``test_names[cyrus-100%-100%]``) on a server."""
    name = test.replace(f"[{server}]", "").replace(f"[{server}-", "[")
    known = (each for each in DIFFERENCES.get(server, ()) if any(_fits(name, pattern) for pattern in each.tests))
    return next(known, None)


def _fits(name: str, pattern: str) -> bool:
    return fnmatchcase(name.replace("[", "("), pattern.replace("[", "("))
