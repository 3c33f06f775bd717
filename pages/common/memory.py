"""Uploads stay in memory.

While a file arrives, the web server under Streamlit would put what exceeds one megabyte into a
temporary file. Individual data have no place on a disk, not even nameless and for a second, so
that limit is set above the largest upload that the server takes.
"""

from __future__ import annotations

import streamlit as st
from starlette.formparsers import MultiPartParser


def keep_uploads_in_memory() -> None:
    """Raise the limit above which an arriving upload would go to a temporary file."""
    megabytes = int(st.get_option("server.maxUploadSize")) + 1
    MultiPartParser.spool_max_size = megabytes * 1024 * 1024
