"""`python -m curation`: the command, where its script is not on the PATH."""

from curation.cli import main

main()
