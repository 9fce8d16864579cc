"""`python -m tts` is the command `tts`."""

import sys

from tts.cli import main

sys.exit(main())
