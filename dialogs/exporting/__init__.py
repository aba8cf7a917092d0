"""Lists as files: CSV and Excel at once, or made by a worker; and the report to a client."""
