"""Notes, notices, and what the firm knows of a service."""
