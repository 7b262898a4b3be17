# SPDX-License-Identifier: GPL-3.0-or-later
"""Which folders a look at all of them opens: what STATUS told already is not asked again, and nothing is missed for that."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.sync.memory_backend import MemoryBackend
from tests.sync.memory_server import Traits
from tests.sync.world import World
from tuimail.backends.port import KnownState, Selected
from tuimail.model.uidset import UidSet

_NAMES = [f"Folder {number}" for number in range(40)]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the folders that were opened, in order."""
    names: list[str] = []
    select = MemoryBackend.select

    async def noted(
        backend: MemoryBackend, folder: str, known: KnownState | None = None, *, read_only: bool = False, fresh: bool = True
    ) -> Selected:
        names.append(folder)
        return await select(backend, folder, known, read_only=read_only, fresh=fresh)

    monkeypatch.setattr(MemoryBackend, "select", noted)
    return names


async def filled(folder: Path, traits: Traits) -> World:
    """Forty folders, in each other one a message, all of them read."""
    world = World(folder, traits)
    for name in _NAMES:
        world.server.create(name)
    for name in _NAMES[::2]:
        world.deliver(name)
    await world.quiet()
    return world


async def test_a_thorough_look_opens_what_may_have_changed(tmp_path: Path, opened: list[str]) -> None:
    world = await filled(tmp_path / "store", Traits())
    opened.clear()
    await world.sweep(deep=True)
    assert not set(opened) & set(_NAMES)
    world.server.boxes["Folder 4"].take([1])
    world.deliver("Folder 7")
    opened.clear()
    await world.sweep(deep=True)
    assert set(opened) & set(_NAMES) == {"Folder 4", "Folder 7"}
    world.close()


async def test_without_counted_changes_only_empty_folders_stay_closed(tmp_path: Path, opened: list[str]) -> None:
    world = await filled(tmp_path / "store", Traits(qresync=False))
    opened.clear()
    await world.sweep(deep=True)
    assert [name for name in opened if name in _NAMES] == sorted(_NAMES[::2])
    world.close()


async def test_a_row_that_is_missing_is_found_though_nothing_changed(tmp_path: Path) -> None:
    world = await filled(tmp_path / "store", Traits())
    folder = world.store.folders.on_server(world.account)["Folder 4"]
    world.store.arrivals.vanish(folder.id, UidSet(((1, 1),)), 0)
    await world.sweep()
    assert world.agrees(), "STATUS says how many messages there are"
    world.close()


async def test_a_server_that_counts_wrongly_has_its_folder_opened_once(
    tmp_path: Path, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = await filled(tmp_path / "store", Traits())
    real = MemoryBackend._status
    monkeypatch.setattr(MemoryBackend, "_status", lambda self, box: replace(real(self, box), messages=77))
    opened.clear()
    for _ in range(3):
        await world.sweep()
    assert len(opened) == len(set(opened))
    world.close()


async def test_folders_without_numbers_of_changes_are_looked_at(tmp_path: Path) -> None:
    world = await filled(tmp_path / "store", Traits(condstore=False))
    world.server.boxes["Folder 4"].take([1])
    await world.sweep()
    assert world.agrees(), "NOMODSEQ (RFC 7162 §3.1.2.2): equal UIDNEXT says nothing of what vanished"
    world.close()
