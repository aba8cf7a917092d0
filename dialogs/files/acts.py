"""What is written down of files, as the audit log calls it."""

DOWNLOADED = "file.downloaded"
PREVIEWED = "file.previewed"
DOWNLOADED_ALL = "file.downloaded_all"
ARCHIVED = "file.archived"
FETCHED = "file.fetched"  # from the client's folder
REMOVED = "file.removed"
