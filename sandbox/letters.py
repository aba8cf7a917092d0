"""Makes one dialog from a template: its text, deadline, status and marks at a time of its life."""

import random
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sandbox import ids, names, parts
from sandbox.clock import DAY, SECOND, day_of, stamp_of
from sandbox.model import FROM_PARTY, Dialog, Party, Seen, Texts
from sandbox.templates import Template, fill_all
from sandbox.world import World

OSLO = ZoneInfo("Europe/Oslo")
_MONTHS = ("januar", "februar", "mars", "april", "mai", "juni", "juli", "august", "september",
           "oktober", "november", "desember")  # fmt: skip
_CLAIMS = ("arbeidsgiveravgift", "forskuddstrekk", "merverdiavgift", "forsinkelsesgebyr")
_SURVEYS = ("Ledige stillinger", "Kvartalsvis omsetning", "Lønnsstatistikk", "Investeringer")


def written_day(day: date) -> str:
    return f"{day:%d.%m.%Y}"


def money(dice: random.Random, most: int) -> str:
    return f"{dice.randrange(1, most) * 100 + dice.randrange(100):,}".replace(",", " ")


def last_moment_of(day: date) -> int:
    """Give the end of a day in Norway, as deadlines are set."""
    following = day + timedelta(days=1)
    return stamp_of(datetime(following.year, following.month, following.day, tzinfo=OSLO))


def period_of(template: Template, day: date, dice: random.Random) -> str:
    if "mva" in template.key:
        term = (day.month - 1) // 2  # the term before the one the day is in
        return f"{term or 6}. termin {day.year if term else day.year - 1}"
    if template.key in ("aga-forfalt", "ssb-undersokelse", "fk-afp"):
        quarter = (day.month - 1) // 3
        return f"{quarter or 4}. kvartal {day.year if quarter else day.year - 1}"
    if template.key == "forskuddsskatt-as":
        return f"{dice.choice((1, 2))}. termin {day.year}"
    month = (day.month - 2) % 12
    return f"{_MONTHS[month]} {day.year - (day.month == 1)}"


def values_for(
    world: World, template: Template, party: Party, created: int, due: date, dice: random.Random
) -> Texts:
    day = day_of(created)
    main = world.parties.get(party.parent or "", party)
    start = day - timedelta(days=dice.randrange(10, 30))
    return {
        "client": main.name,
        "orgnr": party.orgnr or party.urn.rsplit(":", 1)[1],
        "employee": names.person(dice),
        "birthdate": written_day(date(dice.randrange(1962, 2004), dice.randrange(1, 13),
                                      dice.randrange(1, 29))),
        "period": period_of(template, day, dice),
        "year": str(day.year - 1),
        "due": written_day(due),
        "fom": written_day(start),
        "tom": written_day(start + timedelta(days=dice.randrange(7, 24))),
        "amount": money(dice, 900),
        "amount2": money(dice, 500),
        "amount3": money(dice, 200),
        "kid": "".join(str(dice.randrange(10)) for _ in range(13)),
        "n": str(dice.randrange(2, 9)),
        "kravtype": f"{dice.choice(_CLAIMS)} {period_of(template, day, dice)}",
        "survey": dice.choice(_SURVEYS),
        "email": f"po***@{'abcdefghk'[dice.randrange(9)]}***.example",
        "contact": names.person(dice),
    }  # fmt: skip


def compose(
    world: World,
    template: Template,
    party: Party,
    *,
    created: int,
    now: int,
    dice: random.Random,
    settled: float = 0.0,
) -> Dialog:
    """Make a dialog that came at `created`, as it looks at `now`.

    `settled` is the chance that something which asked for work was done since.
    """
    days = template.days_to_due
    due_day = day_of(created) + timedelta(days=max(1, days if days is not None else 14))
    due = last_moment_of(due_day) if days is not None else None
    values = values_for(world, template, party, created, due_day, dice)
    key = ids.uuid7(created, dice)
    dialog = Dialog(
        id=key,
        number=int(key.replace("-", ""), 16),
        revision=ids.uuid4(dice),
        context_revision=ids.uuid4(dice),
        party=party.urn,
        resource=template.resource,
        kind=template.service_resource_type,
        org=template.service_owner.code,
        status=template.status,
        title=fill_all(template.title, values),
        summary=fill_all(template.summary, values),
        sender=template.sender_name,
        created=created,
        updated=created,
        content_updated=created,
        due=due,
        is_api_only=template.is_api_only,
        place=template.system_labels[0],
        template=template.key,
        values=values,
    )
    dialog.is_sent = any(sent["type"] in FROM_PARTY for sent in template.transmissions)
    if template.extended_status:
        dialog.extended_status = template.extended_status["code"]
        dialog.label = {"nb": template.extended_status["label"]}
    if dialog.kind == "correspondenceservice":
        dialog.instance_ref = f"urn:altinn:correspondence-id:{ids.uuid7(created, dice)}"
        dialog.external_reference = f"{dialog.org.upper()}-{dice.randrange(10**6):06d}"
    elif dialog.kind in ("altinnapp", "migratedapp"):
        dialog.instance_ref = f"urn:altinn:instance-id:{party.party_id}/{ids.uuid4(dice)}"
    if not template.is_finished and dice.random() < settled:
        _settle(dialog, dice, now)
    read_by_now = template.initially_seen or dialog.updated > created
    if read_by_now or dice.random() < min(0.9, 0.25 + (now - created) / DAY / 90):
        _mark_read(dialog, dice, now)
    if dialog.place == "Default" and now - created > 90 * DAY and dice.random() < 0.05:
        dialog.place = "Archive" if dice.random() < 0.8 else "Bin"
    return dialog


def _settle(dialog: Dialog, dice: random.Random, now: int) -> None:
    """Let what was asked for be done, as its kind of service shows it."""
    done = min(now - SECOND, dialog.created + dice.randrange(1, 12) * DAY // 2)
    if dialog.kind == "correspondenceservice":
        dialog.status = "NotApplicable"  # a silent change: no time moves
        return
    dialog.updated = dialog.content_updated = max(done, dialog.created)
    dialog.status = "Completed"
    dialog.due = None
    if dialog.label:
        dialog.extended_status, dialog.label = None, {"nb": "Ferdig"}
    if dialog.kind == "altinnapp":
        dialog.summary = {
            "nb": "Innsendingen er bekreftet mottatt.",
            "nn": "Innsendinga er stadfesta motteken.",
            "en": "The submission is confirmed received.",
        }


def _mark_read(dialog: Dialog, dice: random.Random, now: int) -> None:
    at = min(now - SECOND, dialog.updated + dice.randrange(60, 4 * 86_400) * SECOND)
    actor = parts.person_actor(dialog.values["contact"])
    if at >= dialog.updated:
        dialog.content_seen = True
        dialog.seen.append(
            Seen(
                id=ids.uuid7_of(dialog.updated, dialog.id, dialog.values["contact"]),
                at=at, actor=actor, key=f"person:{dialog.values['contact']}", since_start=False,
            )
        )  # fmt: skip
