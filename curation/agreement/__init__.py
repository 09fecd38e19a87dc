"""Agreement between annotators: measures as pure functions, with intervals."""
