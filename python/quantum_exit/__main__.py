"""`python -m quantum_exit`: the same as the `quantum-exit` command."""

import sys

from quantum_exit.app.cli import main

if __name__ == "__main__":
    sys.exit(main(prog_name="quantum-exit"))
