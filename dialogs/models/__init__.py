"""Dialogs: what Altinn told us (`events`), our copy (`dialog`), what was opened of it (`opened`),
the work on it (`work`, `bulk`), what was done at service owners (`answering`), the files people
kept (`files`), what leaves on its own (`outgoing`), lists made into files (`exporting`), and what
the database counts itself (`counts`)."""

from dialogs.models.answering import FormDraft, ServiceAction
from dialogs.models.bulk import BulkItem, BulkJob
from dialogs.models.counts import DeadlineCount, FolderCount, OpenCount, ResponsibleCount
from dialogs.models.dialog import (
    NO_DEADLINE,
    PINNED,
    Dialog,
    DialogCopy,
    DialogQuerySet,
    PinRule,
    Service,
    ServiceOwner,
)
from dialogs.models.events import InboundEvent, RefreshNeed
from dialogs.models.exporting import ExportJob
from dialogs.models.files import ArchivedFile
from dialogs.models.opened import OpenedBody, OpenedDialog
from dialogs.models.outgoing import CalendarFeed, ClientNoticeChoice, Delivery, NoticeChoices
from dialogs.models.searches import SavedSearch, StartSearch
from dialogs.models.work import (
    ChecklistStep,
    ChecklistTick,
    Finished,
    Follower,
    Mention,
    Note,
    NoteVersion,
    Notice,
    Opening,
    ReadMark,
)

__all__ = [
    "NO_DEADLINE",
    "PINNED",
    "ArchivedFile",
    "BulkItem",
    "BulkJob",
    "CalendarFeed",
    "ChecklistStep",
    "ChecklistTick",
    "ClientNoticeChoice",
    "DeadlineCount",
    "Delivery",
    "Dialog",
    "DialogCopy",
    "DialogQuerySet",
    "ExportJob",
    "Finished",
    "FolderCount",
    "Follower",
    "FormDraft",
    "InboundEvent",
    "Mention",
    "Note",
    "NoteVersion",
    "Notice",
    "NoticeChoices",
    "OpenCount",
    "OpenedBody",
    "OpenedDialog",
    "Opening",
    "PinRule",
    "ReadMark",
    "RefreshNeed",
    "ResponsibleCount",
    "SavedSearch",
    "Service",
    "ServiceAction",
    "ServiceOwner",
    "StartSearch",
]
