"""One file per verb: takes its ports as arguments, restartable from the store."""
