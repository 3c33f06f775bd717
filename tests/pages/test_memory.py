"""An upload never touches a disk, held on the parser that the server uses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from starlette.datastructures import Headers
from starlette.formparsers import MultiPartParser

from pages.common.memory import keep_uploads_in_memory

SIZE = 3_000_000


def _arrives_on_disk() -> bool:
    """Whether a file of three megabytes was put into a temporary file on its way in."""
    head = (
        b"--cut\r\n"
        b'Content-Disposition: form-data; name="file"; filename="scores.csv"\r\n'
        b"Content-Type: text/csv\r\n\r\n"
    )

    async def stream() -> AsyncIterator[bytes]:
        yield head
        for _ in range(SIZE // 1000):
            yield b"x" * 1000
        yield b"\r\n--cut--\r\n"

    async def parse() -> bool:
        headers = Headers({"content-type": "multipart/form-data; boundary=cut"})
        form = await MultiPartParser(headers, stream()).parse()
        upload = form["file"]
        assert len(await upload.read()) == SIZE
        rolled = bool(upload.file._rolled)
        await form.close()
        return rolled

    return asyncio.run(parse())


def test_uploads_stay_in_memory_and_would_not_otherwise(monkeypatch) -> None:
    monkeypatch.setattr(MultiPartParser, "spool_max_size", 1024 * 1024)
    assert _arrives_on_disk()
    keep_uploads_in_memory()
    assert not _arrives_on_disk()
