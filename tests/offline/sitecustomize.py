"""Python runs this file at start when its folder is on the path: it notes calls that leave here.

The servers that tests start have it, so that a look-up or a connection outside the machine is
seen even where the network would have refused it.
"""

import os
import sys

_LOG = os.environ.get("PGSICBT_OUTSIDE_LOG", "")
_HERE = ("127.", "::1", "localhost", "0.0.0.0", "::")


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event == "socket.connect":
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None
    else:
        return
    name = host.decode() if isinstance(host, bytes) else host
    if not isinstance(name, str) or not name or name.startswith(_HERE):
        return
    with open(_LOG, "a", encoding="utf-8") as log:  # noqa: PTH123
        log.write(f"{event} {name}\n")


if _LOG:
    sys.addaudithook(_watch)
