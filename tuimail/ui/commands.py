# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of everything a key or the palette can do. Key bindings, hints, help and palette are all made from it.

A command's `name` is what ``[keys]`` in the configuration says, and what panes and screens get to perform.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Place(StrEnum):
    """Where a command's keys work; the rows of the key table."""

    EVERYWHERE = "everywhere"
    MOVING = "moving"
    LIST = "list"
    WRITING = "writing"
    READER = "reader"
    COMPOSER = "composer"
    TREE = "folder tree"


CHAINS: Mapping[Place, tuple[Place, ...]] = {
    Place.LIST: (Place.LIST, Place.WRITING, Place.MOVING, Place.EVERYWHERE),
    Place.READER: (Place.READER, Place.WRITING, Place.MOVING, Place.EVERYWHERE),
    Place.TREE: (Place.TREE, Place.MOVING, Place.EVERYWHERE),
    Place.COMPOSER: (Place.COMPOSER, Place.EVERYWHERE),
    Place.EVERYWHERE: (Place.EVERYWHERE,),
}
"""For the focused pane, whose keys count, the strongest first."""


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that can be done."""

    name: str
    title: str
    """What the palette shows; starts with a verb."""
    help: str
    """One sentence for the key help."""
    keys: tuple[str, ...]
    """Default keys; a sequence has its keys separated by spaces. Empty: in the palette only."""
    places: tuple[Place, ...]
    hint: str = ""
    """One word for the key hints; empty: not shown there."""


_EVERY = (Place.EVERYWHERE,)
_MOVE = (Place.MOVING,)
_LIST = (Place.LIST,)
_READ = (Place.READER,)
_BOTH = (Place.LIST, Place.READER)
_WRITE = (Place.WRITING,)
_COMPOSE = (Place.COMPOSER,)
_TREE = (Place.TREE,)

COMMANDS: tuple[Command, ...] = (
    # The order is the order of the hints and of the help.
    Command("open", "Open message", "Open what is under the cursor.", ("enter",), (Place.LIST, Place.TREE), "open"),
    Command("archive", "Archive", "Move to the archive folder.", ("e",), _BOTH, "archive"),
    Command("archive_thread", "Archive thread", "Move the whole conversation to the archive folder.", ("E",), _BOTH),
    Command("delete", "Delete", "Move to the trash; from there, delete for good.", ("d",), _BOTH, "delete"),
    Command("move", "Move to folder", "Move to a folder that you choose.", ("m",), _BOTH, "move"),
    Command("copy_to", "Copy to folder", "Copy to a folder that you choose.", ("C",), _BOTH),
    Command("star", "Star", "Add or remove the star.", ("s",), _BOTH, "star"),
    Command("toggle_read", "Mark read or unread", "Mark as read, or as unread again.", ("u",), _BOTH, "unread"),
    Command("label", "Label", "Add or remove labels.", ("l",), _BOTH),
    Command("junk", "Mark as junk", "Move to the junk folder; from there, back to the inbox.", ("!",), _BOTH),
    Command("reply", "Reply", "Answer the sender.", ("r",), _WRITE, "reply"),
    Command("reply_all", "Reply to all", "Answer the sender and all recipients.", ("a",), _WRITE, "all"),
    Command("reply_list", "Reply to list", "Answer to the mailing list.", ("L",), _WRITE),
    Command("forward", "Forward", "Send the message on, inside a new one.", ("f",), _WRITE, "forward"),
    Command("forward_attached", "Forward as attachment", "Send the message on unchanged, as an attachment.", ("F",), _WRITE),
    Command("redirect", "Redirect", "Send the message on unchanged, as if it had gone there at first.", ("B",), _WRITE),
    Command("compose", "Compose message", "Write a new message.", ("c",), _WRITE, "compose"),
    Command("mark", "Mark", "Mark or unmark; actions apply to all that are marked.", ("x",), _LIST, "mark"),
    Command("mark_range", "Mark a range", "Mark from here to where the cursor goes.", ("V",), _LIST),
    Command("mark_all", "Mark all", "Mark everything that is listed.", ("* a",), _LIST),
    Command("mark_none", "Mark none", "Take all marks off.", ("* n",), _LIST),
    Command("mark_unread", "Mark all unread", "Mark every unread message.", ("* u",), _LIST),
    Command("mark_sender", "Mark all from this sender", "Mark every message from this sender.", ("* f",), _LIST),
    Command("search", "Search", "Search in all mail.", ("/",), _LIST, "search"),
    Command("filter", "Filter the list", "Show only what matches, as you type.", ("\\",), _LIST),
    Command("threads", "Threads on or off", "Show conversations folded, or single messages.", ("T",), _LIST),
    Command("sort", "Sort", "Choose the order of the list.", ("o",), _LIST),
    Command("unfold", "Unfold", "Show what is inside the conversation or folder.", ("right",), (Place.LIST, Place.TREE)),
    Command("fold", "Fold", "Hide what is inside the conversation or folder.", ("left",), (Place.LIST, Place.TREE)),
    Command("next_message", "Next message", "Open the next message.", ("J",), _READ, "next"),
    Command("previous_message", "Previous message", "Open the previous message.", ("K",), _READ),
    Command("find", "Find in message", "Find words in this message.", ("/",), _READ, "find"),
    Command("next_view", "Next view", "Change between reader, full, plain and source.", ("H",), _READ, "view"),
    Command("all_headers", "All headers", "Show all header fields, or only the usual ones.", ("h",), _READ),
    Command("attachments", "Attachments", "List the attachments: open, save.", ("v",), _READ, "attachments"),
    Command("links", "Links", "Number the links on the screen, then open one by its number.", ("o",), _READ, "links"),
    Command("copy", "Copy", "Copy the selection, or the message's text.", ("y",), _READ),
    Command("fold_quotes", "Fold quotes", "Hide or show quoted text.", ('"',), _READ, "quotes"),
    Command("save", "Save message", "Save or export the message.", ("w",), _READ),
    Command("print", "Print", "Print the message.", ("p",), _READ),
    Command("pipe", "Pipe", "Give the message to a program.", ("|",), _READ),
    Command("send_bar", "Finish", "Open the bar to send, keep or discard.", ("ctrl+x",), _COMPOSE, "finish"),
    Command("attach", "Attach files", "Attach files.", ("ctrl+t",), _COMPOSE, "attach"),
    Command("external_editor", "External editor", "Edit the text in $EDITOR.", ("ctrl+e",), _COMPOSE, "editor"),
    Command("keep_draft", "Keep draft", "Save the draft now.", ("ctrl+o",), _COMPOSE, "draft"),
    Command("leave_open", "Back to the list", "Return to the list; the draft stays open.", ("escape",), _COMPOSE, "back"),
    Command("new_folder", "New folder", "Create a folder.", ("+",), _TREE, "new"),
    Command("rename_folder", "Rename folder", "Rename the folder.", ("R",), _TREE, "rename"),
    Command("delete_folder", "Delete folder", "Delete the folder with all messages in it.", ("D",), _TREE, "delete"),
    Command("subscribe", "Subscribe or unsubscribe", "Subscribe to the folder, or unsubscribe.", ("S",), _TREE, "subscribe"),
    Command("purge", "Remove deleted messages", "Remove for good what is marked as deleted on the server.", (), _EVERY),
    Command("cursor_down", "Down", "Move or scroll one line down.", ("j", "down"), _MOVE),
    Command("cursor_up", "Up", "Move or scroll one line up.", ("k", "up"), _MOVE),
    Command("page_down", "Page down", "One page down; at a message's end, the next unread one.", ("space", "pagedown"), _MOVE),
    Command("page_up", "Page up", "One page up.", ("-", "pageup"), _MOVE),
    Command("half_page_down", "Half a page down", "Half a page down.", ("ctrl+d",), _MOVE),
    Command("half_page_up", "Half a page up", "Half a page up.", ("ctrl+u",), _MOVE),
    Command("first", "First", "To the first line.", ("g g", "home"), _MOVE),
    Command("last", "Last", "To the last line.", ("G", "end"), _MOVE),
    Command("next_match", "Next match", "To the next thing found.", ("n",), _MOVE),
    Command("previous_match", "Previous match", "To the previous thing found.", ("N",), _MOVE),
    Command("next_folder", "Next folder", "Open the next folder.", ("J",), _MOVE),
    Command("previous_folder", "Previous folder", "Open the previous folder.", ("K",), _MOVE),
    Command("go_inbox", "Go to Inbox", "Open the inbox.", ("g i",), _EVERY),
    Command("go_sent", "Go to Sent", "Open the folder of sent mail.", ("g s",), _EVERY),
    Command("go_drafts", "Go to Drafts", "Open the drafts.", ("g d",), _EVERY),
    Command("go_archive", "Go to Archive", "Open the archive.", ("g a",), _EVERY),
    Command("go_trash", "Go to Trash", "Open the trash.", ("g t",), _EVERY),
    Command("go_junk", "Go to Junk", "Open the junk folder.", ("g j",), _EVERY),
    Command("go_outbox", "Go to Outbox", "Show what waits to be sent.", ("g o",), _EVERY),
    Command("go_unread", "Go to all unread", "Show unread mail of all folders.", ("g u",), _EVERY),
    Command("next_draft", "Next open draft", "Switch to the next draft that is open.", ("g c",), _EVERY),
    Command("go_folder", "Go to folder", "Choose a folder by typing a part of its name.", (), _EVERY),
    Command("undo", "Undo", "Take the last action back.", ("z",), _EVERY, "undo"),
    Command("sync_now", "Sync now", "Ask the servers for changes at once.", ("$",), _EVERY),
    Command("toggle_tree", "Show or hide folders", "Show or hide the folder tree.", ("t",), _EVERY, "folders"),
    Command("next_pane", "Next pane", "Go to the next pane.", ("tab",), _EVERY),
    Command("previous_pane", "Previous pane", "Go to the previous pane.", ("shift+tab",), _EVERY),
    Command("palette", "Command palette", "Find a command by its name.", (":", "ctrl+p"), _EVERY, "commands"),
    Command("help", "Help", "Show and search all keys.", ("?",), _EVERY, "help"),
    Command("add_account", "Add an account", "Sign in to another account.", (), _EVERY),
    Command("sign_in", "Sign in", "Sign in again at the provider's page (OAuth2), when that has ended.", (), _EVERY),
    Command("edit_account", "Edit an account", "Change or repair an account: servers, password, name, aliases.", (), _EVERY),
    Command("remove_account", "Remove an account", "Forget an account; its mail stays on the server.", (), _EVERY),
    Command("doctor", "Doctor", "Try every step to the servers; say what is wrong, and what to do.", (), _EVERY),
    Command("theme", "Change theme", "Choose the colours.", (), _EVERY),
    Command("redraw", "Redraw", "Draw the whole screen again.", ("ctrl+l",), _EVERY),
    Command("suspend", "Suspend", "Stop tuimail and return to the shell; fg brings it back.", ("ctrl+z",), _EVERY),
    Command("back", "Back", "Close what is open; at the top, end the program after asking.", ("q", "escape"), _EVERY, "back"),
    Command("quit", "Quit", "End the program.", ("Q",), _EVERY),
)

BY_NAME: Mapping[str, Command] = {command.name: command for command in COMMANDS}

SEND_BAR: Mapping[str, tuple[str, str]] = {
    "y": ("send", "Send"),
    "l": ("send_later", "Send later"),
    "p": ("keep_and_close", "Keep as draft"),
    "x": ("discard", "Discard"),
}
"""Keys of the bar that the composer's ``send_bar`` opens → what to do and its title. Not rebound: the bar shows them."""
