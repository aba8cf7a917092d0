"""What can be done to many dialogs at once, and to which of them."""

from django.db.models import Q

from dialogs.models import BulkJob, Dialog

Act = BulkJob.Act
F = Dialog.Folder

AT_ONCE = 200  # dialogs; more are asked about first, and changed by a worker
MOST = 50_000  # dialogs in one job

# In the order of the toolbar.
ACTS = (
    Act.ASSIGN,
    Act.INTERNAL_DUE,
    Act.NOTE,
    Act.SNOOZE,
    Act.DONE,
    Act.UNREAD,
    Act.ARCHIVE,
    Act.INBOX,
    Act.BIN,
)
WITH_A_WISH = frozenset({Act.ASSIGN, Act.INTERNAL_DUE, Act.NOTE, Act.SNOOZE})
IN_ALTINN = frozenset({Act.UNREAD, Act.ARCHIVE, Act.INBOX, Act.BIN})

_HERE = ~Q(folder=F.GONE)
_FITS = {
    Act.ASSIGN: _HERE,
    Act.INTERNAL_DUE: Q(folder__in=[F.INBOX, F.SNOOZED, F.DRAFTS]),
    Act.NOTE: Q(),
    Act.SNOOZE: Q(folder__in=[F.INBOX, F.SNOOZED]),
    Act.DONE: Q(folder__in=[F.INBOX, F.SNOOZED]),
    Act.UNREAD: _HERE & Q(is_unread=False),
    Act.ARCHIVE: _HERE & ~Q(altinn_folder=F.ARCHIVE),
    Act.INBOX: _HERE & Q(altinn_folder__in=[F.ARCHIVE, F.BIN]),
    Act.BIN: _HERE & ~Q(altinn_folder=F.BIN),
}


def fits(act: Act) -> Q:
    """Return which dialogs the act can do anything to."""
    return _FITS[act]


def is_in_altinn(job: BulkJob) -> bool:
    """Tell whether the client sees it too: a label is changed, or changed back."""
    act = job.undoes.act if job.undoes else job.act
    return act in IN_ALTINN


def asks_first(act: Act, total: int) -> bool:
    """Tell whether a person is shown what will be done, and to what, before it is."""
    return act in WITH_A_WISH or act == Act.BIN or total > AT_ONCE
