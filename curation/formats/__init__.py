"""One file per format: model <-> lines or bytes, with a loss report."""
