"""What a film shows, sounds and says, turned into curves, moments and hand-offs. Film time, seconds."""
