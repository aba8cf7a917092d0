"""Give the system users their clients: add them to an agent, or ask each for one of its own."""
