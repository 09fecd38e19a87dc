"""From files to Documents: readers, cleaning with offset maps, language, near-duplicates."""
