"""From what Altinn tells to our copy: claimed, read, and written in bulk."""
