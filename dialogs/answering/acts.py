"""What is written in the audit log of what was done at service owners."""

ASKED = "answer.asked"  # a second person has to approve
APPROVED = "answer.approved"
WITHDRAWN = "answer.withdrawn"
DECLINED = "answer.declined"
SENT = "answer.sent"
DONE = "answer.done"
ACCEPTED = "answer.accepted"
REFUSED = "answer.refused"
NOT_DONE = "answer.not_done"
UNKNOWN = "answer.unknown"
