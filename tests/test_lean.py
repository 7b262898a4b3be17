# SPDX-License-Identifier: GPL-3.0-or-later
"""Dataclasses whose methods are compiled when first called behave as all others."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest

from tuimail.lean import compile_methods_later


@pytest.fixture(params=[False, True], ids=["as ever", "later"])
def _defining(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    at_once = getattr(dataclasses, "_create_fn", None)
    if request.param:
        compile_methods_later()
    yield
    if at_once is not None:
        dataclasses._create_fn = at_once  # type: ignore[attr-defined]


def define() -> tuple[type[Any], type[Any]]:
    @dataclasses.dataclass(frozen=True, slots=True, order=True)
    class Point:
        x: int
        y: list[int] = dataclasses.field(default_factory=list, hash=False)

    @dataclasses.dataclass(frozen=True, order=True)
    class Named(Point):
        name: str = ""

    return Point, Named


@pytest.mark.usefixtures("_defining")
class TestDataclass:
    def test_compares_by_value_again_and_again(self) -> None:
        kind, named = define()
        for _ in range(2):
            assert kind(1) == kind(1)
            assert kind(1) != kind(2)
            assert kind(1) != named(1)
            assert kind(1) < kind(2) <= kind(2)
            assert named(1, [], "a") < named(1, [], "b")
            assert named(1) >= named(1)
            assert named(2) > named(1)

    def test_hashes_by_value(self) -> None:
        kind, named = define()
        assert hash(kind(1)) == hash(kind(1, [2]))
        assert len({named(1), named(1), named(2)}) == 2

    def test_is_frozen(self) -> None:
        for kind in define():
            value = kind(1)
            for _ in range(2):
                with pytest.raises(dataclasses.FrozenInstanceError):
                    value.x = 2
                with pytest.raises(dataclasses.FrozenInstanceError):
                    del value.x
            assert value.x == 1

    def test_represents_itself_also_when_it_contains_itself(self) -> None:
        kind, named = define()
        for _ in range(2):
            assert repr(kind(1)).endswith("Point(x=1, y=[])")
            assert repr(named(1, [], "n")).endswith("Named(x=1, y=[], name='n')")
        ring: list[Any] = []
        ring.append(kind(1, ring))
        assert "..." in repr(ring[0])

    def test_a_subclass_met_first_does_not_change_its_base(self) -> None:
        kind, named = define()
        assert named(1, [], "a") != named(1, [], "b")
        assert kind(1) == kind(1)
        assert repr(named(1)) != repr(kind(1))

    def test_fields_replace_and_matching_work(self) -> None:
        _, named = define()
        assert dataclasses.replace(named(1), name="n") == named(1, [], "n")
        assert [field.name for field in dataclasses.fields(named)] == ["x", "y", "name"]
        assert named.__match_args__ == ("x", "y", "name")


def test_asking_twice_defers_once() -> None:
    at_once = getattr(dataclasses, "_create_fn", None)
    compile_methods_later()
    deferring = getattr(dataclasses, "_create_fn", None)
    compile_methods_later()
    assert getattr(dataclasses, "_create_fn", None) is deferring
    if at_once is not None:
        dataclasses._create_fn = at_once  # type: ignore[attr-defined]
