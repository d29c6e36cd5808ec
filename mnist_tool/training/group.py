"""Several processes that train one model together, as torchrun starts them; mostly there is one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from mnist_tool.errors import SettingError, TrainingError

if TYPE_CHECKING:
    from torch import Tensor, nn

    from mnist_tool.training.settings import Settings

__all__ = ["ALONE", "Group"]

AGAIN = "Go on with any number of processes: mnist-tool train --resume"
VARIABLES = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT")

T = TypeVar("T")


@dataclass(frozen=True)
class Group:
    """The processes of a training, seen from one of them.

    All have the same model, draw the same random numbers and see the same batches; each computes
    the gradient of its share of a batch, and torch's DistributedDataParallel averages them. So the
    state of one is that of all, and the first alone keeps it.

    Parameters
    ----------
    rank : int
        Which one this is; the first is 0.
    size : int
        How many there are.
    local_rank : int
        Which one this is on its machine.
    """

    rank: int = 0
    size: int = 1
    local_rank: int = 0

    @classmethod
    def of_environment(cls) -> Group:
        """Return the group in which torchrun has started this process.

        Raises
        ------
        SettingError
            If the variables make no sense.
        """
        said = {name: os.environ.get(name, "") for name in VARIABLES}
        if not all(said.values()):
            return ALONE
        try:
            rank, size, local_rank = (int(said[name]) for name in VARIABLES[:3])
        except ValueError:
            rank = size = local_rank = -1
        if not 0 <= local_rank <= rank < size:
            raise SettingError(
                "RANK, WORLD_SIZE and LOCAL_RANK make no sense together.",
                hint="Unset them, or start with torchrun, which sets them.",
            )
        return cls(rank, size, local_rank) if size > 1 else ALONE

    @property
    def leads(self) -> bool:
        """Whether this is the process that prints, tests and keeps everything."""
        return self.rank == 0

    def check(self, settings: Settings) -> None:
        """Make sure that each process gets its share of every batch.

        Raises
        ------
        SettingError
            If the batch cannot be divided so, without autograd, or on a device that is not shared.
        """
        if self.size == 1:
            return
        recipe = settings.recipe
        share, left = divmod(recipe.batch_size, self.size)
        if left or share < recipe.least_batch:
            size = max(share, recipe.least_batch) * self.size
            raise SettingError(
                f"--batch-size is {recipe.batch_size}, which {self.size} processes cannot share: "
                f"each needs as many images, {recipe.least_batch} or more.",
                hint=f"Say for example: --batch-size {size}",
            )
        if recipe.by_hand:
            raise SettingError(
                f"Recipe {recipe.name} does without autograd, by which several processes share "
                "what they have found.",
                hint="Train it in one process, without torchrun.",
            )
        if settings.device not in {"auto", "cpu"}:
            raise SettingError(
                f"--device is {settings.device}, but several processes train on processors.",
                hint="Leave --device out, or train in one process.",
            )

    @contextmanager
    def joined(self) -> Iterator[None]:
        """Find the others, and leave them at the end."""
        if self.size == 1:
            yield
            return
        import torch.distributed as dist

        with _lost_ones_told():
            dist.init_process_group("gloo")
        try:
            yield
        finally:
            with suppress(RuntimeError):  # what is wrong has been told
                dist.destroy_process_group()

    @contextmanager
    def one_after_the_other(self) -> Iterator[None]:
        """Let the first process of each machine do something before the others do."""
        if self.local_rank:
            self._wait()
        yield
        if not self.local_rank:
            self._wait()

    def _wait(self) -> None:
        if self.size > 1:
            import torch.distributed as dist

            with _lost_ones_told():
                dist.barrier()

    def from_first(self, value: T) -> T:
        """Return what the first process has: something plain."""
        if self.size == 1:
            return value
        import torch.distributed as dist

        values = [value]
        with _lost_ones_told():
            dist.broadcast_object_list(values)
        return values[0]

    def any(self, mine: bool) -> bool:
        """Return whether something is so in any process; all ask at the same moment."""
        if self.size == 1:
            return mine
        import torch

        return bool(self.mean(torch.tensor([float(mine)])).item())

    def mean(self, mine: Tensor) -> Tensor:
        """Return the mean over all processes."""
        if self.size > 1:
            import torch.distributed as dist

            with _lost_ones_told():
                dist.all_reduce(mine)
            mine /= self.size
        return mine

    def share(self, order: Tensor, batch_size: int) -> Tensor:
        """Return this process's part of each of some batches, one behind the other."""
        if self.size == 1:
            return order
        return order.view(-1, self.size, batch_size // self.size)[:, self.rank].flatten()

    def together(self, model: nn.Module) -> nn.Module:
        """Return a model whose gradients are the means over all processes."""
        if self.size == 1:
            return model
        from torch.nn.parallel import DistributedDataParallel

        with _lost_ones_told():
            return DistributedDataParallel(model)

    def explained(self, error: RuntimeError) -> Exception:
        """Return what a failed step means: a process has ended, where there are several."""
        return _lost() if self.size > 1 else error

    def interrupted(self) -> TrainingError:
        """Return the error of a training in which another process was told to stop."""
        return TrainingError("Another process of this training was told to stop.", hint=AGAIN)


@contextmanager
def _lost_ones_told() -> Iterator[None]:
    """Say what it means when a collective fails: a process has ended."""
    try:
        yield
    except RuntimeError as error:
        raise _lost() from error


def _lost() -> TrainingError:
    return TrainingError(
        "Another process of this training has ended, or cannot be reached.", hint=AGAIN
    )


ALONE = Group()
