"""What was done with a dialog, told in words: «Kari Hansen tildelte Ola Berg.»"""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dialogs import actions
from dialogs.answering import acts
from dialogs.files import acts as files
from dialogs.notes import actions as notes
from dialogs.work import days

UNKNOWN = gettext_lazy("%(who)s endret dialogen.")
NameOf = Callable[[int], str]

_PLAIN: dict[str, Promise] = {
    actions.WOKEN: gettext_lazy("%(who)s hentet dialogen tilbake."),
    actions.FINISHED: gettext_lazy("%(who)s merket dialogen som ferdig."),
    actions.RESUMED: gettext_lazy("%(who)s tok dialogen opp igjen."),
    actions.REOPENING_SEEN: gettext_lazy("%(who)s så endringene fra tjenesteeieren."),
    actions.UNPINNED: gettext_lazy("%(who)s fjernet dialogen fra haster."),
    actions.OPENED: gettext_lazy("%(who)s åpnet dialogen i Altinn."),
    "dialog.content_read": gettext_lazy("%(who)s leste innholdet hos tjenesteeieren."),
    "dialog.moved": gettext_lazy("%(who)s flyttet dialogen til en annen mappe i Altinn."),
    "dialog.marked": gettext_lazy("%(who)s endret om dialogen er merket som ulest i Altinn."),
    files.DOWNLOADED: gettext_lazy("%(who)s lastet ned et vedlegg."),
    files.PREVIEWED: gettext_lazy("%(who)s forhåndsviste et vedlegg."),
    files.DOWNLOADED_ALL: gettext_lazy("%(who)s lastet ned alle vedleggene."),
    files.ARCHIVED: gettext_lazy("%(who)s lagret et vedlegg i klientmappen."),
    files.FETCHED: gettext_lazy("%(who)s hentet et vedlegg fra klientmappen."),
    files.REMOVED: gettext_lazy("%(who)s slettet et vedlegg fra klientmappen: tiden var ute."),
    notes.ADDED: gettext_lazy("%(who)s skrev et notat."),
    notes.EDITED: gettext_lazy("%(who)s endret et notat."),
    notes.DELETED: gettext_lazy("%(who)s slettet et notat."),
    notes.RESTORED: gettext_lazy("%(who)s hentet tilbake et notat."),
    notes.PINNED: gettext_lazy("%(who)s festet et notat."),
    notes.UNPINNED: gettext_lazy("%(who)s løsnet et notat."),
}
# What was done at a service owner; `%(what)s` is the button's own name.
_ANSWERS: dict[str, Promise] = {
    acts.ASKED: gettext_lazy("%(who)s ba om godkjenning av «%(what)s»."),
    acts.APPROVED: gettext_lazy("%(who)s godkjente «%(what)s»."),
    acts.WITHDRAWN: gettext_lazy("%(who)s trakk tilbake «%(what)s»."),
    acts.DECLINED: gettext_lazy("%(who)s godkjente ikke «%(what)s»."),
    acts.SENT: gettext_lazy("%(who)s sendte «%(what)s» til tjenesteeieren."),
    acts.DONE: gettext_lazy("«%(what)s» er utført hos tjenesteeieren."),
    acts.ACCEPTED: gettext_lazy("«%(what)s» er mottatt av tjenesteeieren."),
    acts.REFUSED: gettext_lazy("«%(what)s» ble avvist av tjenesteeieren."),
    acts.NOT_DONE: gettext_lazy("«%(what)s» ble ikke utført."),
    acts.UNKNOWN: gettext_lazy("Vi vet ikke om «%(what)s» ble utført."),
}
# The column, what is said of a day, and what is said when there is none any more.
_DAYS: dict[str, tuple[str, Promise, Promise]] = {
    actions.SNOOZED: (
        "snoozed_until_on",
        gettext_lazy("%(who)s utsatte dialogen til %(day)s."),
        _PLAIN[actions.WOKEN],
    ),
    actions.INTERNAL_DUE: (
        "internal_due_on",
        gettext_lazy("%(who)s satte intern frist %(day)s."),
        gettext_lazy("%(who)s fjernet den interne fristen."),
    ),
    actions.ESTIMATED_DUE: (
        "estimated_due_on",
        gettext_lazy("%(who)s satte anslått frist %(day)s."),
        gettext_lazy("%(who)s fjernet den anslåtte fristen."),
    ),
}


SENTENCES: dict[str, Promise] = {
    **_PLAIN,
    **_ANSWERS,
    **{act: said for act, (_column, said, _removed) in _DAYS.items()},
    actions.ASSIGNED: gettext_lazy("%(who)s tildelte %(name)s."),
}
ACTS = set(SENTENCES)


def tell(
    act: str, *, actor_id: int | None, after: dict[str, Any], name_of: NameOf, today: date
) -> str:
    """Say who did what, and what it became."""
    who = name_of(actor_id) if actor_id else _("Portalen")
    if act == actions.ASSIGNED:
        return _assigned(who, actor_id, after.get("responsible"), name_of)
    if act in _ANSWERS:
        return str(_ANSWERS[act]) % {"who": who, "what": after.get("action", "")}
    if act in _DAYS:
        column, set_to, removed = _DAYS[act]
        if after.get(column):
            day = days.in_words(date.fromisoformat(after[column]), today=today)
            return str(set_to) % {"who": who, "day": day}
        return str(removed) % {"who": who}
    return str(_PLAIN.get(act) or UNKNOWN) % {"who": who}


def _assigned(who: str, actor_id: int | None, to: int | None, name_of: NameOf) -> str:
    if to is None:
        return _("%(who)s gjorde dialogen ufordelt.") % {"who": who}
    if to == actor_id:
        return _("%(who)s tok saken.") % {"who": who}
    return _("%(who)s tildelte %(name)s.") % {"who": who, "name": name_of(to)}
