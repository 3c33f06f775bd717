"""Write the page of instruments: ``python -m pgsicbt.instruments > docs/instruments.md``."""

import sys

from pgsicbt.instruments.page import page

sys.stdout.write(page())
