"""`python -m coder_nb.embedded`: one deployment as a process of its own. See process.py."""

import sys

from coder_nb.embedded.process import main

if __name__ == "__main__":
    sys.exit(main())
