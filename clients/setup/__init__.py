"""Set the firm up: its number, key, system and system users, step by step."""
