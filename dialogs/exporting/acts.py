"""What is written down of exports, as the audit log calls it."""

TAKEN = "export.taken"  # a list, streamed at once
MADE = "export.made"  # a file, by a worker
FETCHED = "export.fetched"  # the file, by the one who asked for it
REFUSED = "export.refused"  # they no longer see all that it tells of
REPORTED = "client reported"
