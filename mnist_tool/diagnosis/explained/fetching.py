"""What torchvision and Python say when MNIST cannot be downloaded or unpacked."""

from __future__ import annotations

from mnist_tool.diagnosis.explained.entry import ISSUES, MEND, VISION, Explanation

__all__ = ["FETCHING"]

FETCH = "{fetch}"
GZIP = "https://github.com/python/cpython/blob/main/Lib/gzip.py"

FETCHING = (
    Explanation(
        "download-refused",
        r"HTTP Error (403|404)",
        "The site that this torchvision asks no longer gives MNIST to programs; releases before "
        "0.9.1 know no other one.",
        (FETCH,),
        "urllib.error.HTTPError: HTTP Error 403: Forbidden",
        VISION + "1938",
    ),
    Explanation(
        "download-unavailable",
        r"HTTP Error 5\d\d|Service Unavailable",
        "The site that this torchvision asks is overloaded or down.",
        (FETCH,),
        "HTTPError: HTTP Error 503: Service Unavailable",
        ISSUES + "53812",
    ),
    Explanation(
        "download-corrupted",
        r"File not found or corrupted",
        "What the site sent is not the file: most often a web page in its place, or half of it.",
        (FETCH,),
        "RuntimeError: File not found or corrupted.",
        "https://github.com/pytorch/examples/issues/725",
    ),
    Explanation(
        "download-certificate",
        r"CERTIFICATE_VERIFY_FAILED",
        "Python does not trust the certificate of the site: it has expired, or this Python has no "
        "certificates, or a company's proxy shows its own.",
        (FETCH,),
        "<urlopen error [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate "
        "has expired (_ssl.c:1131)>",
        VISION + "8717",
        "On macOS run `Install Certificates.command` of that Python; behind a proxy let "
        "SSL_CERT_FILE name its certificate. Do not switch the check off.",
    ),
    Explanation(
        "download-name",
        r"getaddrinfo failed|Name or service not known|Temporary failure in name resolution"
        r"|nodename nor servname provided",
        "The name of the site cannot be looked up: there is no network, no DNS, or only a proxy.",
        (FETCH,),
        "<urlopen error [Errno -3] Temporary failure in name resolution>",
        "https://docs.python.org/3/library/socket.html#socket.gaierror",
        "Behind a proxy set HTTPS_PROXY; without a network import the files: "
        "`mnist-tool fetch --from PATH`.",
    ),
    Explanation(
        "download-reset",
        r"Connection reset by peer|WinError 1005[34]|Remote end closed connection"
        r"|ConnectionResetError|IncompleteRead",
        "The connection broke off while the file was on its way.",
        (FETCH,),
        "ConnectionResetError: [Errno 104] Connection reset by peer",
        "https://github.com/pytorch/pytorch/pull/61789",
    ),
    Explanation(
        "download-timeout",
        r"WinError 10060|Connection timed out|urlopen error timed out|The read operation timed out",
        "The site did not answer in time; a firewall may keep the packets back.",
        (FETCH,),
        "<urlopen error [WinError 10060] A connection attempt failed because the connected party "
        "did not properly respond after a period of time>",
        ISSUES + "67667",
    ),
    Explanation(
        "download-failed",
        r"Error downloading [\w.-]+\.gz",
        "None of the sites that this torchvision knows gave the file; why each failed stands above "
        "that line.",
        (FETCH,),
        "RuntimeError: Error downloading train-images-idx3-ubyte.gz",
        VISION + "9183",
    ),
    Explanation(
        "not-gzip",
        r"[Nn]ot a gzipped file",
        "A .gz file of the data set is none: a web page was saved under its name, or it has been "
        "unpacked already.",
        (MEND, FETCH),
        "gzip.BadGzipFile: Not a gzipped file (b'<!')",
        "https://github.com/iwyoo/DIRNet-tensorflow/issues/1",
    ),
    Explanation(
        "gzip-cut",
        r"Compressed file ended before the end-of-stream marker|CRC check failed 0x",
        "A .gz file of the data set is cut off or damaged: its download broke off.",
        (MEND, FETCH),
        "EOFError: Compressed file ended before the end-of-stream marker was reached",
        GZIP,
    ),
    Explanation(
        "extraction-unsupported",
        r"ValueError: Extraction of \S+ not supported|Extraction of \S+-ubyte not supported",
        "torchvision was told to download an unpacked file, which it wants to unpack: its address "
        "must end with .gz.",
        (FETCH,),
        r"ValueError: Extraction of MNIST\raw\train-images-idx3-ubyte not supported",
        VISION + "3554",
    ),
    Explanation(
        "idx-decode",
        r"IdxDecodeError",
        "The package mnist found an empty or foreign file among its downloads, and takes it again "
        "and again: it never checks what it has.",
        (MEND,),
        "mnist.IdxDecodeError: Invalid IDX file, file empty or does not contain a full header",
        "https://github.com/datapythonista/mnist/issues/19",
    ),
    Explanation(
        "processed-gone",
        r"No such file or directory: '[^']*processed[/\\]+(training|test)\.pt",
        "The download of an old torchvision broke off before it wrote processed/, or two processes "
        "downloaded at the same time.",
        (MEND,),
        "FileNotFoundError: [Errno 2] No such file or directory: "
        "'data/MNIST/processed/training.pt'",
        "https://github.com/DIVA-DIA/DeepDIVA/issues/7",
    ),
)
