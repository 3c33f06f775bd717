"""Whether a Parquet or Arrow file can be looked at without ending the process that does it.

pyarrow checks most of what it reads, but some damage ends the whole program instead of raising an
error, as fuzzing has shown. One user's file must not end the sessions of all others, so a file is
first read in a process of its own, which gets it through a pipe and gives nothing back.
"""

from __future__ import annotations

import subprocess
import sys

_SECONDS = 120
_CHECK = """
import sys
try:
    import resource
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
except (ImportError, ValueError, OSError):
    pass
import pyarrow
import pyarrow.ipc
import pyarrow.parquet
data = pyarrow.BufferReader(sys.stdin.buffer.read())
try:
    if data.read(4) == b"PAR1":
        data.seek(0)
        about = pyarrow.parquet.read_metadata(data)
        names = about.schema.to_arrow_schema().names
        for i in range(about.num_row_groups):
            group = about.row_group(i)
            for j in range(group.num_columns):
                chunk = group.column(j)
                (chunk.dictionary_page_offset, chunk.data_page_offset)
                (chunk.total_compressed_size, chunk.num_values)
        for words in ([], names):
            data.seek(0)
            file = pyarrow.parquet.ParquetFile(data, read_dictionary=words)
            found = file.read(use_threads=False)
    else:
        data.seek(0)
        found = pyarrow.ipc.open_file(data).read_all()
    found.validate(full=True)
except Exception:
    pass  # told by the reader itself
"""


def survives(data: bytes) -> bool:
    """True if a process that reads all of the file ends by itself, with an error or without."""
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-c", _CHECK],
            input=data,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            check=False,
        )
    except (subprocess.TimeoutExpired, BrokenPipeError):
        return False
    return done.returncode >= 0
