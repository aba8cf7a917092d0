"""Let the demo's staff have worked: fields of work, notes, own deadlines, things put aside or done.

Run by the supervisor once the first reading is in. Does nothing when somebody has written a note.
"""

import os
import time
from collections.abc import Iterator
from datetime import date, timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from django.utils import timezone  # noqa: E402 (needs the set-up above)

from clients.models import Access, AreaResponsible, Client, ServiceArea  # noqa: E402
from dialogs import actions, pinning  # noqa: E402
from dialogs.models import ChecklistStep, Dialog, Note, SavedSearch, Service  # noqa: E402
from dialogs.notes.actions import add_note, write_guide  # noqa: E402
from dialogs.notes.place import Place  # noqa: E402
from dialogs.working_days import next_working_day, working_days_before  # noqa: E402
from staff.models import Absence, User  # noqa: E402

LONGEST_WAIT_SECONDS = 180
AREAS = {
    "Merverdiavgift": ("mva", "merverdi"),
    "Lønn": ("amelding", "a-melding", "syk", "lonn", "inntektsmelding", "nav", "foreldrepenger"),
    "Årsoppgjør": ("arsregnskap", "årsregnskap", "brg", "regnskap"),
    "Skatt": ("skatt", "skd", "krav"),
    "Statistikk": ("ssb", "statistikk"),
}
STEPS = ("Avstem mot regnskapet", "Innhent bilag fra klienten", "Kontroller og send inn")
GUIDE = "Svar innen tre virkedager. Bruk tallene fra siste avstemming, og legg ved notat om avvik."
NOTES = (
    "Klienten er varslet på telefon. Venter på bilag til torsdag.",
    "Tallene stemmer med hovedboken. Kan sendes inn når attestasjonen er på plass.",
    "@{name} kan du se på denne før fredag? Klienten er usikker på avgiftskoden.",
)


def wait_until_read() -> bool:
    until = time.monotonic() + LONGEST_WAIT_SECONDS
    while time.monotonic() < until:
        if Dialog.objects.exists() and not Access.objects.current().filter(loaded_at=None).exists():
            return True
        time.sleep(1)
    return False


def share_services() -> None:
    """Put each service in a field of work, and give the salaries to one colleague."""
    areas = {area.name: area for area in ServiceArea.objects.all()}
    for service in Service.objects.filter(area=None):
        words = f"{service.urn} {service.name}".casefold()
        fits = (name for name, parts in AREAS.items() if any(part in words for part in parts))
        if name := next(fits, None):
            service.area = areas[name]
            service.save(update_fields=["area"])
    ingrid = User.objects.get(email="ingrid.moen@demo.invalid")
    for client in Client.objects.filter(is_firm=False).order_by("orgnr")[::5]:
        AreaResponsible.objects.get_or_create(
            client=client, area=areas["Lønn"], defaults={"user": ingrid}
        )


def write_down(manager: User) -> None:
    now = timezone.now()
    for service in Service.objects.filter(area__isnull=False).order_by("urn")[:6]:
        write_guide(service, GUIDE, seen="", actor=manager, now=now)
        ChecklistStep.objects.bulk_create(
            [
                ChecklistStep(service=service, text=text, position=number)
                for number, text in enumerate(STEPS, start=1)
            ]
        )
    for name, query in (
        ("Over frist, ufordelt", "frist=over&ansvarlig=ingen"),
        ("Krever handling denne uken", "frist=uke&status=RequiresAttention"),
    ):
        SavedSearch.objects.get_or_create(
            name=name,
            owner=manager,
            defaults={
                "query": query,
                "visibility": SavedSearch.Visibility.ALL,
                "created_at": now,
            },
        )


def work(accountant: User, colleague: User) -> None:
    """Do a little of everything with what somebody is responsible for."""
    now, today = timezone.now(), timezone.localdate()
    for number, dialog in enumerate(_open(accountant)):
        decision = actions.Decision(accountant, now, dialog.work_version)
        match number % 9:
            case 0:
                add_note(
                    Place(dialog.client, dialog), NOTES[number % 2], author=accountant, now=now
                )
            case 1:
                actions.set_internal_due(dialog, _some_days_before(dialog, today), decision)
            case 2:
                actions.snooze(dialog, _return_day(dialog, today), decision)
            case 3 | 4:
                actions.finish(dialog, decision)
            case 5:
                actions.follow(dialog, user=colleague, now=now)
            case 6:
                asks = NOTES[2].format(name=colleague.name)
                place = Place(dialog.client, dialog)
                add_note(place, asks, author=accountant, now=now, mentioned=[colleague])


def _open(accountant: User) -> Iterator[Dialog]:
    dialogs = Dialog.objects.filter(responsible=accountant, folder=Dialog.Folder.INBOX)
    yield from dialogs.select_related("client", "copy").order_by("urgency")[5:45]


def _some_days_before(dialog: Dialog, today: date) -> date:
    due = dialog.deadline_at
    if due is None or timezone.localdate(due) <= today:
        return next_working_day(today)
    return max(working_days_before(timezone.localdate(due), 3), today)


def _return_day(dialog: Dialog, today: date) -> date:
    back = next_working_day(today)
    due = dialog.deadline_at
    return min(back, timezone.localdate(due)) if due and timezone.localdate(due) > today else back


def main() -> None:
    if not wait_until_read() or Note.objects.exists():
        return
    pinning.apply_again()
    people = {user.email.split("@")[0]: user for user in User.objects.all()}
    share_services()
    write_down(people["leder"])
    work(people["kari.hansen"], people["leder"])
    work(people["ola.berg"], people["leder"])
    monday = timezone.localdate() + timedelta(days=7 - timezone.localdate().weekday())
    Absence.objects.create(
        user=people["jonas.lie"],
        from_on=monday,
        to_on=monday + timedelta(days=11),
        substitute=people["kari.hansen"],
    )


if __name__ == "__main__":
    main()
