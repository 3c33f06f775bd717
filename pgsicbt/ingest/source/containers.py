"""Compressed files and archives, unpacked in memory and never beyond a fixed size."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any, BinaryIO

import pyarrow

from pgsicbt.errors import DataError
from pgsicbt.ingest.uploads import MAX_BYTES, Upload, too_large

_CHUNK = 2**20
_XZ_MEMORY = 256 * 2**20
_USUAL, _RATIO = 32 * 2**20, 150
MOST_MEMBERS = 200
"""Files that an archive may hold at most."""
DAMAGED = (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError, zipfile.BadZipFile,
            NotImplementedError, RuntimeError, pyarrow.ArrowException)  # fmt: skip


def _gzip(data: BinaryIO) -> Any:
    return gzip.GzipFile(fileobj=data)


class _Xz:
    """An xz file as a stream; its own word on memory is not trusted."""

    def __init__(self, data: BinaryIO) -> None:
        self._data = data
        self._inner = lzma.LZMADecompressor(memlimit=_XZ_MEMORY)

    def __enter__(self) -> _Xz:
        return self

    def __exit__(self, *_: object) -> None:
        self._data.close()

    def read(self, size: int) -> bytes:
        """Some of the unpacked bytes, nothing at the end of the last stream."""
        while True:
            if self._inner.eof:
                rest = (self._inner.unused_data + self._data.read(_CHUNK)).lstrip(b"\x00")
                if not rest:
                    return b""
                self._inner = lzma.LZMADecompressor(memlimit=_XZ_MEMORY)
                part = self._inner.decompress(rest, size)
            else:
                more = self._data.read(_CHUNK) if self._inner.needs_input else b""
                if self._inner.needs_input and not more:
                    raise EOFError
                part = self._inner.decompress(more, size)
            if part:
                return part


def _zstd(data: BinaryIO) -> Any:
    return pyarrow.CompressedInputStream(pyarrow.BufferReader(data.read()), "zstd")


_STREAMS: tuple[tuple[bytes, str, Callable[[BinaryIO], Any]], ...] = (
    (b"\x1f\x8b", "gzip", _gzip),
    (b"BZh", "bzip2", bz2.BZ2File),
    (b"\xfd7zXZ", "xz", _Xz),
    (b"\x28\xb5\x2f\xfd", "Zstandard", _zstd),
)
_SUFFIXES = (".gz", ".bgz", ".bz2", ".xz", ".zst")


def unpack(upload: Upload) -> Upload:
    """A file out of gzip, bzip2, xz or Zstandard; any other file as it is.

    Raises
    ------
    DataError
        If it is damaged, compressed twice, or larger than :data:`MAX_BYTES` when unpacked.
    """
    for magic, what, opener in _STREAMS:
        if not upload.data.startswith(magic):
            continue
        data = _read(upload.name, what, opener, upload.data)
        if any(data.startswith(again) for again, _, _ in _STREAMS):
            raise DataError(
                f"{upload.name} is compressed twice.",
                "Unpack it once and load it again.",
                code="damaged",
                file=upload.name,
            )
        return Upload(upload.name, data)
    if len(upload.data) > MAX_BYTES:
        raise too_large(upload.name)
    return upload


def _read(name: str, what: str, opener: Callable[[BinaryIO], Any], data: bytes) -> bytes:
    parts: list[bytes] = []
    size = 0
    try:
        with opener(io.BytesIO(data)) as stream:
            while part := stream.read(_CHUNK):
                size += len(part)
                if size > MAX_BYTES:
                    raise too_large(name)
                parts.append(bytes(part))
    except DAMAGED:
        raise DataError(
            f"{name} is a damaged or incomplete {what} file.",
            "Copy or download it again.",
            code="damaged",
            file=name,
        ) from None
    return b"".join(parts)


def is_zip(data: bytes) -> bool:
    """True for zip archives, workbooks of Excel and OpenDocument among them."""
    return data.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def open_zip(name: str, data: bytes, workbook: bool = False) -> zipfile.ZipFile:
    """A zip archive whose declared size is within bounds.

    Parameters
    ----------
    workbook
        The parts are XML, which takes long to read: none may be packed more tightly than people's
        data can be.

    Raises
    ------
    DataError
        If it is damaged, encrypted or too large.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        infos = archive.infolist()
    except DAMAGED:
        raise damaged_zip(name) from None
    if any(info.flag_bits & 1 for info in infos):
        raise DataError(
            f"{name} is protected by a password.",
            "Load it without a password; it stays in the memory of your session.",
            code="protected",
            file=name,
        )
    if sum(info.file_size for info in infos) > MAX_BYTES:
        raise too_large(name)
    if workbook and any(i.file_size > max(_USUAL, _RATIO * i.compress_size) for i in infos):
        raise DataError(
            f"{name} is packed far more tightly than a table can be.",
            "Save the sheet as CSV and load that.",
            code="too_large",
            file=name,
        )
    return archive


def damaged_zip(name: str) -> DataError:
    """The error for an archive that cannot be read to its end."""
    return DataError(
        f"{name} is a damaged or incomplete archive or workbook.",
        "Copy or download it again.",
        code="damaged",
        file=name,
    )


def read_member(name: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """The bytes of one member; never more than its declared size.

    Raises
    ------
    DataError
        If it is damaged.
    """
    try:
        return archive.read(member)
    except (*DAMAGED, KeyError):
        raise damaged_zip(name) from None


def members(upload: Upload) -> tuple[Upload, ...]:
    """The files of a zip archive, without folders and what macOS adds to them.

    Raises
    ------
    DataError
        If it is damaged, encrypted, empty, too large, or holds too many files or archives.
    """
    archive = open_zip(upload.name, upload.data)
    infos = [info for info in archive.infolist() if _is_file(info)]
    if not infos:
        raise DataError(
            f"{upload.name} is an empty archive.",
            "Load the tables themselves.",
            code="empty",
            file=upload.name,
        )
    if len(infos) > MOST_MEMBERS:
        raise DataError(
            f"{upload.name} holds more than {MOST_MEMBERS} files.",
            "Load the tables of the cohort only.",
            code="too_large",
            file=upload.name,
        )
    found = []
    for member, short in zip(infos, _short_names(infos), strict=True):
        shown = upload.name if len(infos) == 1 else f"{upload.name} [{short}]"
        one = unpack(Upload(shown, read_member(upload.name, archive, member)))
        if is_plain_zip(one.data):
            raise DataError(
                f"{upload.name} holds an archive within the archive.",
                "Unpack it and load the tables themselves.",
                code="damaged",
                file=upload.name,
            )
        found.append(one)
    if sum(len(one.data) for one in found) > MAX_BYTES:
        raise too_large(upload.name)
    return tuple(found)


def _short_names(infos: list[zipfile.ZipInfo]) -> list[str]:
    """Names without folders where these are different, otherwise with folders or a number."""
    names = [PurePosixPath(info.filename).name for info in infos]
    if len(set(names)) < len(names):
        names = [info.filename for info in infos]
    return [
        f"{name} ({names[: i + 1].count(name)})" if name in names[:i] else name
        for i, name in enumerate(names)
    ]


def _is_file(info: zipfile.ZipInfo) -> bool:
    added = PurePosixPath(info.filename).name.startswith((".", "Thumbs.db"))
    return not (info.is_dir() or info.filename.startswith("__MACOSX/") or added)


def member_names(upload: Upload) -> list[str]:
    """Names of the files and folders of an archive, for the gate."""
    return [re.sub(r"[/_]+", " ", name) for name in open_zip(upload.name, upload.data).namelist()]


def is_plain_zip(data: bytes) -> bool:
    """True for a zip archive that is no workbook or document."""
    return is_zip(data) and kind_of_zip(data) == "archive"


def kind_of_zip(data: bytes) -> str:
    """What a zip archive is: ``workbook`` (xlsx, xlsm), ``binary workbook``, ``opendocument``,
    ``document`` or ``archive``."""
    try:
        names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    except DAMAGED:
        return "archive"
    if "xl/workbook.xml" in names:
        return "workbook"
    if "xl/workbook.bin" in names:
        return "binary workbook"
    if "mimetype" in names and "content.xml" in names:
        return "opendocument"
    if any(name.startswith(("word/", "ppt/")) for name in names):
        return "document"
    return "archive"


def plain_name(name: str) -> str:
    """A file's name without the ending of its compression."""
    for suffix in _SUFFIXES:
        if name.casefold().endswith(suffix):
            return name[: -len(suffix)]
    return name
