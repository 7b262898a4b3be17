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
        Difference("has no MULTIAPPEND", ("test_several_at_once",)),
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
        Difference("is given no names beyond the Basic Multilingual Plane, which it cannot say to other clients", (
            "test_names*\U0001f600*", "test_names*2D3eAA*",
        )),
        Difference("takes a renaming of what is missing for done", ("test_renaming_what_is_missing_or_taken",)),
        Difference("has no SASL-IR: the first message waits", ("test_starttls",)),
        Difference("has no MOVE", ("test_move", "test_move_without_uidplus")),
        Difference("is not told the commands that the cut waits for", tuple(
            f"test_a_cut_ends_every_call_at_once[{line}*" for line in ("UNSELECT", "UID FETCH 1 (UID FLAGS MODSEQ", "UID MOVE")
        ), True),
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
    "imap4d": (
        _NO_NOTIFY,
        Difference("has no MULTIAPPEND", ("test_several_at_once",)),
        Difference("keeps no keywords, and says so", (
            "test_keywords", "test_flags", "test_the_rest_of_a_row", "test_copy", "test_move", "test_move_without*",
            "test_copies_within_the_folder", "test_expunge_removes_only_what_is_named", "test_expunge_without_uidplus*",
            "test_expunge_all_deleted", "test_to_a_missing_folder*", "test_what_is_gone_is_not_copied",
            "test_within_a_folder_with_a_name_of_its_own", *(f"test_a_morning[{without}]" for without in _WITHOUT_ANOTHER),
            *(f"test_a_morning[{without}]" for without in ("CONDSTORE", "QRESYNC", "ENABLE", "UTF8=ACCEPT")),
        )),
        Difference("waits for a literal at a quoted string with {5} in it, and says nothing any more", (
            "test_names({5}*", "test_words_with_syntax_in_them*{3}*",
        ), True),
        Difference("has no UIDPLUS: nothing tells the UID of a new message", (
            "test_flags_date_and_uid", "test_into_the_selected_folder", "test_names(*", "test_a_long_and_holey_set",
            "test_two_hundred_keep_their_order",
        )),
        Difference("has no special uses: folders are known by their names", (
            "test_without_list_status_the_counts_are_left_out",
        )),
        Difference("adds X-UID and Status to the header of each message", (
            "test_every_octet_arrives*", "test_without_uidplus_no_uid_is_told",
            "test_two_megabytes_with_progress*", "test_parts", "test_the_whole_message",
            "test_all_parts_in_one_flight", "test_different_sections_are_asked_for_without_waiting",
            "test_octet_ranges(3*", "test_octet_ranges(2*", "test_octet_ranges(0-2*", "test_octet_ranges(9*",
            "test_an_interrupted_download_goes_on", "test_sizes_at_the_edge_of_a_piece*", "test_three_megabytes_with_progress",
            "test_many_readers_at_once_get_what_they_asked_for", "test_two_backends_do_not_mix_their_folders",
            "test_a_cut_in_the_middle_of_a_download", "test_a_cancelled_download_leaves_the_connection_usable",
            "test_without_compression_the_octets_are_the_same", "test_rename_to_below_a_new_folder",
        )),
        Difference("says NO to what is missing without the code that tells why", (
            "test_a_missing_folder*", "test_status_of_a_missing_folder", "test_renaming_what_is_missing_or_taken",
            "test_a_folder_deleted_by_another_client", "test_of_several_all_or_none_are_taken",
        )),
        Difference("has a file for each folder of mail, so that there can be none below it", (
            "test_nested_folders", "test_rename_takes_the_folders_below_along",
            "test_delete_leaves_what_is_below",
        )),
        Difference("gets a folder to write opened for each change alone", (
            "test_nothing_to_change_says_nothing", "test_what_can_be_no_keyword_is_not_sent*",
            "test_the_selected_folder_again_costs_only_noop", "test_examine_is_read_only", "test_a_set_too_long_for_one_line",
        )),
        Difference(_NO_MODSEQ, (
            "test_only_what_changed", "test_the_modseq_is_told", "test_select", "test_resync_*",
            "test_a_new_uidvalidity_is_no_resync", "test_condstore_alone", "test_roles_and_counts_come_in_one_turn",
            "test_connect_and_close", "test_what_changed_comes_in_one_turn",
        )),
        Difference("has no SASL-IR, and tells what it offers only when asked: signing in takes more turns", (
            "test_starttls", "test_without_sasl_ir_the_first_message_waits", "test_on_a_line_that_stays_on_the_machine*",
            "test_the_first_rows_take_two_turns",
            "test_a_connection_that_opens_nothing_is_arranged_in_two_turns",
        )),
        Difference("offers SCRAM-SHA-256 and has no passwords for it", ("test_without_tls_the_password_is_not_sent",)),
        Difference("counts days in 32 bits: searched for what is later than 2038, it finds all", ("test_flags_and_days",)),
        Difference("finds what was removed until the folder is opened again", ("test_what_another_client_removed*",)),
        Difference("is not told the commands that the cut waits for", tuple(
            f"test_a_cut_ends_every_call_at_once[{line}*"
            for line in ("NOOP", "UID FETCH 1 (UID FLAGS MODSEQ", "UID STORE", "UID MOVE", "UID EXPUNGE", "EXPUNGE")
        ), True),
        Difference("tells nothing while idle", (
            *_IDLE, "test_new_mail", "test_without_qresync_vanished_mail_means_to_look_again",
            "test_without_condstore_changed_flags_are_noticed",
        ), True),
    ),
}  # fmt: skip


def difference(server: str, test: str) -> Difference | None:
    """What is known of a test (``test_names[cyrus-100%-100%]``) on a server."""
    name = test.replace(f"[{server}]", "").replace(f"[{server}-", "[")
    known = (each for each in DIFFERENCES.get(server, ()) if any(_fits(name, pattern) for pattern in each.tests))
    return next(known, None)


def _fits(name: str, pattern: str) -> bool:
    return fnmatchcase(name.replace("[", "("), pattern.replace("[", "("))
