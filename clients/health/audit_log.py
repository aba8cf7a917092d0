"""Whether the audit log is what was written to it: looked through every night, part by part."""

from datetime import datetime

from clients.health.alarms import Kind, Sign, settle
from staff import chain

PART = 200  # links
ANCHORS = 60  # the newest
MOST_NAMED = 5
_WHOLE = "audit log"


def check_part(after: int, *, now: datetime) -> int | None:
    """Look through the part of the chain after a link; return where the next one begins.

    A fault raises the alarm at once, and no anchor is written: the end of a broken chain is
    nothing to hold on to. The alarm goes when the whole chain is found in order.
    """
    verdict = chain.verify(after=after, most_links=PART)
    is_last = verdict.links < PART
    if is_last:
        chain.verify_edges(verdict, most_anchors=ANCHORS)
    if verdict.faults:
        sign = Sign(_WHOLE, {"faults": verdict.faults[:MOST_NAMED]})
        settle(Kind.AUDIT_LOG, [sign], looked_at=1, now=now)
        return None
    if not is_last:
        return after + verdict.links
    if verdict.end:
        chain.drop_anchor(verdict.end, now=now)
    settle(Kind.AUDIT_LOG, [], looked_at=1, now=now)
    return None
