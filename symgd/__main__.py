"""`python -m symgd` is the command `symgd`."""

import sys

from .cli import main

sys.exit(main())
