"""What choosing moments rests on: the nouns, where a moment may begin and end, and what is measured of it."""
