"""What the loader of Linux and macOS says of libraries, and how the system ends a process."""

from __future__ import annotations

from mnist_tool.diagnosis.explained.entry import ISSUES, PAIR, REINSTALL, Explanation

__all__ = ["SYSTEM"]

SYSTEM = (
    Explanation(
        "library-path",
        r"lib[\w+.-]+: (file too short|invalid ELF header|wrong ELF class)",
        "A file with the name of that library is empty, damaged or for another processor, and it "
        "is found before the right one: most often by LD_LIBRARY_PATH, which comes before all "
        "other places.",
        ("unset LD_LIBRARY_PATH",),
        "/opt/mine/libstdc++.so.6: file too short",
        "https://man7.org/linux/man-pages/man8/ld.so.8.html",
        "Take its folder out of the variable.",
    ),
    Explanation(
        "glibc",
        r"version `GLIBC_[\d.]+' not found",
        "This torch was built for a newer Linux than this one, and an upgrade of torch makes it "
        "worse. torch 2.6 is the last whose wheels take any Linux since 2014 (their tag is "
        "manylinux1); those of 2.7 and newer want glibc 2.28 (manylinux_2_28), which is Debian "
        "10, Ubuntu 18.10 or RHEL 8.",
        ("{install} torch<2.7 torchvision<0.22",),
        "/lib64/libc.so.6: version `GLIBC_2.28' not found (required by libtorch.so)",
        "https://github.com/pypa/manylinux",
    ),
    Explanation(
        "glibcxx",
        r"version `(GLIBCXX|CXXABI)_[\d.]+' not found",
        "An older libstdc++ than torch needs was loaded first: the system's, or one that "
        "LD_LIBRARY_PATH names. An upgrade of torch makes it worse. pip's wheels of torch 2.6 and "
        "older want no newer one than any Linux since 2014 has; conda's packages bring their own: "
        "`conda install -c conda-forge libstdcxx-ng`, and no LD_LIBRARY_PATH that leads elsewhere.",
        ("unset LD_LIBRARY_PATH", "{install} torch<2.7 torchvision<0.22"),
        "/lib/x86_64-linux-gnu/libstdc++.so.6: version `GLIBCXX_3.4.30' not found (required by "
        "/env/lib/python3.10/site-packages/torch/lib/libtorch_python.so)",
        ISSUES + "157709",
    ),
    Explanation(
        "executable-stack",
        r"cannot enable executable stack",
        "This build of torch asks for memory that is both data and program, which newer Linux "
        "(glibc 2.41) and strict ones (SELinux) refuse.",
        (PAIR,),
        "libtorch_cpu.so: cannot enable executable stack as shared object requires: Invalid "
        "argument",
        "https://github.com/conda-forge/pytorch-cpu-feedstock/issues/350",
        "Where no newer torch will do, `patchelf --clear-execstack` on that file takes the wish "
        "away.",
    ),
    Explanation(
        "static-tls",
        r"cannot allocate memory in static TLS block",
        "That library must be loaded before others, and something else was imported first; most "
        "often on ARM (Jetson, Raspberry Pi).",
        (),
        "OSError: /usr/lib/aarch64-linux-gnu/libgomp.so.1: cannot allocate memory in static TLS "
        "block",
        "https://github.com/NVIDIA-AI-IOT/trt_pose/issues/111",
        "Import torch before all others, or let LD_PRELOAD name the library in the message.",
    ),
    Explanation(
        "nvjitlink",
        r"undefined symbol: __nvJitLink|libcu\w+\.so[\w.]*: undefined symbol",
        "torch brings its own libraries of CUDA, but one of the system's older CUDA was found "
        "first, most often by LD_LIBRARY_PATH.",
        ("unset LD_LIBRARY_PATH", REINSTALL),
        "/env/torch/lib/../../nvidia/cusparse/lib/libcusparse.so.12: undefined symbol: "
        "__nvJitLinkComplete_12_4, version libnvJitLink.so.12",
        ISSUES + "134929",
    ),
    Explanation(
        "mkl-library",
        r"libmkl_\w+\.so[\w.]*: cannot open shared object file",
        "A library of Intel's MKL is missing: another torch than pip's, or a package beside it, "
        "was built with it.",
        ("{install} mkl",),
        "OSError: libmkl_intel_lp64.so.2: cannot open shared object file: No such file or "
        "directory",
        "https://github.com/vladmandic/sdnext/issues/1741",
    ),
    Explanation(
        "mkl-fatal",
        r"Intel MKL FATAL ERROR",
        "Parts of two MKLs are in one process, most often conda's and pip's.",
        (),
        "Intel MKL FATAL ERROR: Cannot load libmkl_avx2.so or libmkl_def.so.",
        ISSUES + "29711",
        "Use a fresh environment with everything from one of them.",
    ),
    Explanation(
        "mkl-symbol",
        r"undefined symbol: iJIT_",
        "MKL 2024.1 and newer no longer have a function that this torch calls; it was built with "
        "an older one.",
        ("{install} mkl<2024.1",),
        "/env/lib/python3.11/site-packages/torch/lib/libtorch_cpu.so: undefined symbol: "
        "iJIT_NotifyEvent",
        ISSUES + "123097",
    ),
    Explanation(
        "cuda-library",
        r"lib(cudart|cublas|cublasLt|cudnn\w*|cufft|curand|cusparse\w*|cusolver|cufile|cupti|nvrtc"
        r"|nvToolsExt|nvJitLink|nccl|nvshmem\w*)[\w.-]*\.so[\w.]*: cannot open shared object file",
        "A library of CUDA that this torch was built with is missing. pip's torch brings them as "
        "packages of their own (nvidia-...), which were left out or removed; another build looks "
        "for them in the folder of the system's CUDA of that very version.",
        (REINSTALL,),
        "libcudart.so.10.0: cannot open shared object file: No such file or directory",
        ISSUES + "60515",
    ),
    Explanation(
        "openmp-15",
        r"OMP: Error #15",
        "Two OpenMP libraries are in one process, most often conda's and pip's.",
        (),
        "OMP: Error #15: Initializing libiomp5.dylib, but found libomp.dylib already initialized.",
        ISSUES + "122705",
        "Use a fresh environment with everything from one of them. KMP_DUPLICATE_LIB_OK=TRUE hides "
        "it and may give wrong results.",
    ),
    Explanation(
        "killed",
        r"\bSIGKILL\b|^Killed: 9$|^Killed$|[Ee]xit(ed)?( with)?( status| code)?:? 137\b",
        "The system killed the process, which it does where memory runs out.",
        (),
        "SIGKILL",
        "https://docs.kernel.org/mm/oom.html",
        "Close other programs, or give the container or the job more: importing torch takes some "
        "300 MB, torch with CUDA up to 2 GB. Installing it anew changes nothing.",
    ),
    Explanation(
        "no-answer",
        r"no answer within [\d.]+ s",
        "It took too long: the first import from a cold or network disk, a virus scanner that "
        "reads every file, or a hang.",
        (),
        "no answer within 60 s",
        "https://github.com/pytorch/pytorch/blob/main/torch/__init__.py",
        "Run the same command again; if nothing hangs, the second time is quicker.",
    ),
    Explanation(
        "illegal-instruction",
        r"SIGILL|[Ii]llegal instruction",
        "The processor lacks instructions that this torch was built with.",
        (),
        "SIGILL",
        "https://github.com/pytorch/cpuinfo",
        "Where the processor is old, neither a newer torch nor the same again helps; an older "
        "torch may. In a virtual machine, let it see the real processor (host CPU).",
    ),
)
