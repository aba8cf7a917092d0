"""Min dag, the client page, and handing over."""
