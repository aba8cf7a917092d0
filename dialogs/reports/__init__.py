"""What managers ask: how much is open, how late, with whom, and what came and went."""
