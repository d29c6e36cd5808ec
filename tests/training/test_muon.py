"""Muon's steps against singular values, and what is left to Adam."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mnist_tool.training.adam import Adam
from mnist_tool.training.muon import MOMENTUM, RATIO, Muon, orthogonal


@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 1000), st.floats(1e-3, 1e3))
def test_the_singular_vectors_stay_and_the_values_come_near_one(
    rows: int, columns: int, seed: int, size: float
) -> None:
    """Whatever its shape and length: a tensor comes out whose singular values are about one."""
    random = torch.manual_seed(seed)
    bases = [torch.linalg.qr(torch.randn(n, n, generator=random)).Q for n in (rows, columns)]
    count = min(rows, columns)
    values = torch.rand(count, generator=random) * 0.7 + 0.3
    left, right = bases[0][:, :count], bases[1][:, :count]
    way = orthogonal(size * left @ values.diag() @ right.T)
    found = left.T @ way @ right
    assert torch.allclose(found, found.diag().diag(), atol=1e-4)
    assert bool(((found.diag() > 0.35) & (found.diag() < 1.35)).all()), found.diag()


def test_filters_are_rows() -> None:
    """All dimensions but the first are one; those of a channels-last tensor, too."""
    gradient = torch.randn(8, 4, 3, 3)
    expected = orthogonal(gradient.reshape(8, 36)).reshape(8, 4, 3, 3)
    assert torch.equal(orthogonal(gradient), expected)
    last = gradient.contiguous(memory_format=torch.channels_last)
    assert torch.equal(orthogonal(last), expected)


def test_no_gradient_is_no_step() -> None:
    """Nothing is divided by nothing."""
    assert torch.equal(orthogonal(torch.zeros(3, 5)), torch.zeros(3, 5))


def _layers() -> list[torch.Tensor]:
    torch.manual_seed(3)
    shapes = [(6, 1, 3, 3), (6,), (8, 6, 3, 3), (8,), (5, 8), (10, 5), (10,)]
    return [torch.randn(shape).requires_grad_() for shape in shapes]


def _set_gradients(layers: list[torch.Tensor], seed: int) -> None:
    random = torch.manual_seed(seed)
    for each in layers:
        each.grad = torch.randn(each.shape, generator=random)


def test_the_hidden_layers_are_turned_and_all_else_is_adams() -> None:
    """The first and the last matrix, and all that is no matrix, go as with Adam alone."""
    mine, theirs = _layers(), _layers()
    before = [each.detach().clone() for each in mine]
    muon, adam = Muon(mine, (0.8, 0.95)), Adam(theirs, (0.8, 0.95))
    for layers in (mine, theirs):
        _set_gradients(layers, 5)
    muon.step(0.01)
    adam.step(0.01)
    for place, (one, other) in enumerate(zip(mine, theirs, strict=True)):
        if place not in (2, 4):
            assert torch.equal(one, other)
            continue
        gradient = one.grad
        assert gradient is not None
        way = orthogonal((1 + MOMENTUM) * gradient)
        assert torch.allclose(one, before[place] - RATIO * 0.01 * way, atol=1e-6)


def test_the_momentum_is_what_was_before() -> None:
    """The second step goes along the first gradient, too."""
    layers = _layers()
    muon = Muon(layers, (0.8, 0.95))
    _set_gradients(layers, 5)
    first = layers[4].grad
    muon.step(0.01)
    before = layers[4].detach().clone()
    _set_gradients(layers, 6)
    second = layers[4].grad
    assert first is not None
    assert second is not None
    muon.step(0.01)
    mean = MOMENTUM * first + second
    way = orthogonal(second + MOMENTUM * mean)
    assert torch.allclose(layers[4], before - RATIO * 0.01 * way, atol=1e-6)


def _trained(muon: Muon, layers: list[torch.Tensor], steps: range) -> Muon:
    for step in steps:
        _set_gradients(layers, step)
        muon.step(0.01)
    return muon


def test_it_goes_on_from_its_state() -> None:
    """Six steps are three and three, to the last bit."""
    whole, parts = _layers(), _layers()
    _trained(Muon(whole, (0.8, 0.95)), whole, range(6))
    state = _trained(Muon(parts, (0.8, 0.95)), parts, range(3)).state_dict()
    again = Muon(parts, (0.8, 0.95))
    again.load_state_dict(state)
    _trained(again, parts, range(3, 6))
    assert all(torch.equal(one, other) for one, other in zip(whole, parts, strict=True))


@pytest.mark.parametrize("momenta", [[], [torch.zeros(8, 6, 3, 3), torch.zeros(5, 9)]])
def test_a_state_of_other_weights_is_refused(momenta: list[torch.Tensor]) -> None:
    """Their number and their shapes must be those of the matrices."""
    muon = Muon(_layers(), (0.8, 0.95))
    with pytest.raises(ValueError, match=r"zip|its means"):
        muon.load_state_dict(muon.state_dict() | {"momenta": momenta})


def test_gradients_are_forgotten() -> None:
    """Of the matrices and of what is Adam's."""
    layers = _layers()
    muon = Muon(layers, (0.8, 0.95))
    _set_gradients(layers, 1)
    muon.zero_grad()
    assert all(each.grad is None for each in layers)
