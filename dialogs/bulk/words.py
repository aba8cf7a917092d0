"""What is said of bulk changes: what they are called, what they did, what went wrong."""

from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dialogs.bulk.acts import WITH_A_WISH, Act
from dialogs.inbox.deadlines import NBSP, short_date
from dialogs.models import BulkJob
from staff.models import User


def number(count: int) -> str:
    """Return «5 000», which does not break over two lines."""
    return f"{count:,}".replace(",", NBSP)


def dialogs(count: int) -> str:
    return ngettext("%(n)s dialog", "%(n)s dialoger", count) % {"n": number(count)}


def clients(count: int) -> str:
    return ngettext("%(n)s klient", "%(n)s klienter", count) % {"n": number(count)}


def button(act: Act, *, fitting: int, chosen: int) -> str:
    """Return «Tildel …», where there is more to say; «Flytt til arkivet (29 av 37)»."""
    name = f"{act.label} …" if act in WITH_A_WISH or act == Act.BIN else str(act.label)
    if fitting == chosen:
        return name
    some = _("(%(n)s av %(all)s)") % {"n": number(fitting), "all": number(chosen)}
    return f"{name} {some}"


def title(job: BulkJob, *, who: User | None) -> str:
    """Return what was asked for: «Tildel Kari Hansen», «Utsett til 5. des.»."""
    if job.undoes:
        return _("Angre: %(what)s") % {"what": Act(job.undoes.act).label}
    act, wish = Act(job.act), job.wish
    if act == Act.ASSIGN:
        return _("Tildel %(who)s") % {"who": who} if who else _("Gjør ufordelt")
    if act == Act.SNOOZE:
        return _("Utsett til %(day)s") % {"day": _day(wish.get("until_on"))}
    if act == Act.INTERNAL_DUE and wish.get("days") is not None:
        return ngettext(
            "Sett intern frist %(n)s virkedag før fristen",
            "Sett intern frist %(n)s virkedager før fristen",
            wish["days"],
        ) % {"n": wish["days"]}
    if act == Act.INTERNAL_DUE and wish.get("due_on") is None:
        return _("Fjern intern frist")
    if act == Act.INTERNAL_DUE:
        return _("Sett intern frist %(day)s") % {"day": _day(wish["due_on"])}
    return str(act.label)


def question(act: Act, count: int) -> str:
    """Return «Tildel 37 dialoger»: what the button does that does it."""
    text = {
        Act.ASSIGN: _("Tildel %(what)s"),
        Act.INTERNAL_DUE: _("Sett intern frist på %(what)s"),
        Act.NOTE: _("Legg notat på %(what)s"),
        Act.SNOOZE: _("Utsett %(what)s"),
        Act.DONE: _("Merk %(what)s som ferdig"),
        Act.UNREAD: _("Marker %(what)s som ulest"),
        Act.ARCHIVE: _("Flytt %(what)s til arkivet"),
        Act.BIN: _("Flytt %(what)s til papirkurven"),
        Act.INBOX: _("Flytt %(what)s til innboksen"),
    }[act]
    return text % {"what": dialogs(count)}


def done(job: BulkJob, count: int, *, who: User | None) -> str:
    """Say what a job did to so many, without a full stop: «Flyttet 34 til arkivet»."""
    values = {"n": number(count), "who": who, "day": _day(job.wish.get("until_on"))}
    return _done(Act(job.act), job.wish, count) % values


def _done(act: Act, wish: dict[str, Any], n: int) -> str:
    if act == Act.ASSIGN and wish.get("responsible") is None:
        return ngettext("Gjorde %(n)s dialog ufordelt", "Gjorde %(n)s dialoger ufordelt", n)
    if act == Act.INTERNAL_DUE and wish.get("days") is None and wish.get("due_on") is None:
        return ngettext(
            "Fjernet intern frist på %(n)s dialog", "Fjernet intern frist på %(n)s dialoger", n
        )
    return {
        Act.ASSIGN: ngettext(
            "Tildelte %(n)s dialog til %(who)s", "Tildelte %(n)s dialoger til %(who)s", n
        ),
        Act.INTERNAL_DUE: ngettext(
            "Satte intern frist på %(n)s dialog", "Satte intern frist på %(n)s dialoger", n
        ),
        Act.SNOOZE: ngettext(
            "Utsatte %(n)s dialog til %(day)s", "Utsatte %(n)s dialoger til %(day)s", n
        ),
        Act.NOTE: ngettext("La notat på %(n)s dialog", "La notat på %(n)s dialoger", n),
        Act.DONE: ngettext("Merket %(n)s dialog som ferdig", "Merket %(n)s dialoger som ferdig", n),
        Act.UNREAD: ngettext(
            "Markerte %(n)s dialog som ulest", "Markerte %(n)s dialoger som ulest", n
        ),
        Act.ARCHIVE: _("Flyttet %(n)s til arkivet"),
        Act.BIN: _("Flyttet %(n)s til papirkurven"),
        Act.INBOX: _("Flyttet %(n)s til innboksen"),
        Act.UNDO: ngettext("Angret for %(n)s dialog", "Angret for %(n)s dialoger", n),
    }[act]


def under_way(job: BulkJob) -> str:
    """Say what a job is busy with, without a number."""
    return {
        Act.ASSIGN: _("Tildeler"),
        Act.INTERNAL_DUE: _("Setter intern frist"),
        Act.NOTE: _("Legger til notat"),
        Act.SNOOZE: _("Utsetter"),
        Act.DONE: _("Merker som ferdig"),
        Act.UNREAD: _("Markerer som ulest"),
        Act.ARCHIVE: _("Flytter til arkivet"),
        Act.BIN: _("Flytter til papirkurven"),
        Act.INBOX: _("Flytter til innboksen"),
        Act.UNDO: _("Angrer"),
    }[Act(job.act)]


def show_failed(count: int) -> str:
    """Return «Vis de tre»."""
    if count == 1:
        return _("Vis den")
    words = _("to tre fire fem seks sju åtte ni ti elleve tolv").split()
    return _("Vis de %(n)s") % {"n": words[count - 2] if count <= 12 else number(count)}


def _day(text: str | None) -> str:
    return short_date(date.fromisoformat(text), today=timezone.localdate()) if text else ""
