"""What a DataLoader says whose worker processes cannot work."""

from __future__ import annotations

from mnist_tool.diagnosis.explained.entry import ISSUES, Explanation

__all__ = ["WORKERS"]

NONE_NEEDED = "num_workers=0 avoids it, and for MNIST it is the quickest."

WORKERS = (
    Explanation(
        "worker-bus-error",
        r"killed by signal: Bus error|bus error encountered in worker",
        "The workers ran out of shared memory (/dev/shm), of which a container has 64 MB.",
        (),
        "RuntimeError: DataLoader worker (pid 11011) is killed by signal: Bus error. It is "
        "possible that dataloader's workers are out of shared memory. Please try to raise your "
        "shared memory limit",
        ISSUES + "5040",
        f"Start the container with --shm-size=1g or --ipc=host. {NONE_NEEDED}",
    ),
    Explanation(
        "worker-spawn",
        r"before the\s+current process has finished its bootstrapping phase",
        "The script starts workers when it is imported, and each worker imports the script.",
        (),
        "RuntimeError:\n        An attempt has been made to start a new process before the\n"
        "        current process has finished its bootstrapping phase.",
        "https://github.com/pytorch/tutorials/issues/1661",
        f'Put what runs below `if __name__ == "__main__":`. {NONE_NEEDED}',
    ),
    Explanation(
        "worker-pickle",
        r"Can't (pickle|get) local object|Can't pickle <function",
        "The workers are processes of their own, and a lambda or a function within a function "
        "cannot be sent to them.",
        (),
        "AttributeError: Can't pickle local object 'main.<locals>.<lambda>'",
        "https://docs.python.org/3/library/pickle.html#what-can-be-pickled-and-unpickled",
        f"Define the transform as a function of its own at the top of the file. {NONE_NEEDED}",
    ),
    Explanation(
        "worker-files",
        r"received 0 items of ancdata|Too many open files",
        "The workers and their parent have more files open than the system lets a user have.",
        (),
        "RuntimeError: received 0 items of ancdata",
        ISSUES + "973",
        "Raise the limit with `ulimit -n 4096`, or call "
        f"torch.multiprocessing.set_sharing_strategy('file_system'). {NONE_NEEDED}",
    ),
    Explanation(
        "worker-shared-memory",
        r"unable to (open|mmap|write to) (shared memory object|file|\d+ bytes from file) </torch",
        "There is no room left for what the workers share, in /dev/shm or among the open files.",
        (),
        "RuntimeError: unable to open shared memory object </torch_5535_1638182315> in read-write "
        "mode",
        ISSUES + "14768",
        f"Raise the limit with `ulimit -n 4096`, and look at `df /dev/shm`. {NONE_NEEDED}",
    ),
)
