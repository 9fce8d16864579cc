"""`python -m tts` is the command `tts`."""

import sys

from tts.cli import main

if __name__ == "__main__":  # and not in the processes that `tts batch` starts
    sys.exit(main())
