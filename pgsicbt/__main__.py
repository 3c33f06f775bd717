"""Entry point of ``python -m pgsicbt``."""

import sys

from pgsicbt.cli import main

sys.exit(main())
