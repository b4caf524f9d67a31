"""Buffers of values alive at the same time never overlap; memory stays near what is alive."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.runtime.buffers import Need, place


@st.composite
def lives(draw):
    needs: list[Need] = []
    for value in range(draw(st.integers(1, 40))):
        size = draw(st.sampled_from([1, 4, 60, 64, 65, 128, 1000, 4096]))
        heirs = [n.value for n in needs if n.death == value and n.nbytes == size]
        heir = draw(st.sampled_from([-1, *heirs]))
        needs.append(Need(value, value, value + draw(st.integers(0, 8)), size, heir))
    return needs


@given(lives())
def test_values_alive_together_do_not_overlap(needs):
    placement = place(needs)
    heirs = {(n.heir_of, n.value) for n in needs}
    for one in needs:
        at = placement.offsets[one.value]
        assert at % 64 == 0 and at + one.nbytes <= placement.size
        for two in needs:
            if one.value < two.value and two.birth <= one.death and (one.value, two.value) not in heirs:
                there = placement.offsets[two.value]
                assert at + one.nbytes <= there or there + two.nbytes <= at


@given(lives())
def test_the_block_is_not_much_larger_than_what_is_alive(needs):
    alive = max(sum(max(64, -(-n.nbytes // 64) * 64) for n in needs if n.birth <= t <= n.death) for t in range(60))
    assert place(needs).size <= 2 * alive + 128


def test_a_chain_needs_two_buffers():
    assert place([Need(i, i, i + 1, 640) for i in range(100)]).size == 1280


def test_heirs_need_one():
    assert place([Need(i, i, i + 1, 640, i - 1) for i in range(100)]).size == 640


def test_neighbours_are_joined():
    # Three of 64 die, one of 192 takes their place.
    needs = [Need(0, 0, 3, 64), Need(1, 1, 3, 64), Need(2, 2, 3, 64), Need(3, 4, 5, 192)]
    assert place(needs).size == 192
