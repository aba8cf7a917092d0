"""Makes one dialog from a template: its text, deadline, status and marks at a time of its life."""

import random
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from sandbox import ids, names, parts
from sandbox.clock import DAY, SECOND, day_of, stamp_of
from sandbox.model import FROM_PARTY, Dialog, Party, Seen, Texts
from sandbox.templates import Template, fill_all, placeholders_of
from sandbox.world import World

OSLO = ZoneInfo("Europe/Oslo")
_MONTHS = ("januar", "februar", "mars", "april", "mai", "juni", "juli", "august", "september",
           "oktober", "november", "desember")  # fmt: skip
_CLAIMS = ("arbeidsgiveravgift", "forskuddstrekk", "merverdiavgift", "forsinkelsesgebyr")
_SURVEYS = ("Ledige stillinger", "Kvartalsvis omsetning", "Lønnsstatistikk", "Investeringer")


def _pick(dice: random.Random, count: int) -> int:
    """Draw a number below `count`, fast."""
    return int(dice.random() * count)


def written_day(day: date) -> str:
    return f"{day.day:02d}.{day.month:02d}.{day.year}"


def money(dice: random.Random, most: int) -> str:
    return f"{100 + _pick(dice, most * 100):,}".replace(",", " ")


@cache
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
    """Invent a value for each placeholder the template has."""
    day = day_of(created)
    found: Texts = {"contact": names.person(dice)}
    for name in sorted(placeholders_of(template.key)):
        match name:
            case "client":
                found[name] = world.parties.get(party.parent or "", party).name
            case "orgnr":
                found[name] = party.orgnr or party.urn.rsplit(":", 1)[1]
            case "due":
                found[name] = written_day(due)
            case "employee":
                found[name] = names.person(dice)
            case "birthdate":
                found[name] = written_day(date(1962, 1, 1) + timedelta(_pick(dice, 15_000)))
            case "period":
                found[name] = period_of(template, day, dice)
            case "year":
                found[name] = str(day.year - 1)
            case "fom":
                start = day - timedelta(days=10 + _pick(dice, 20))
                found["fom"] = written_day(start)
                found["tom"] = written_day(start + timedelta(days=7 + _pick(dice, 17)))
            case "amount" | "amount2" | "amount3":
                found[name] = money(dice, {"amount": 900, "amount2": 500}.get(name, 200))
            case "kid":
                found[name] = f"{_pick(dice, 10**13):013d}"
            case "n":
                found[name] = str(2 + _pick(dice, 7))
            case "kravtype":
                found[name] = f"{dice.choice(_CLAIMS)} {period_of(template, day, dice)}"
            case "survey":
                found[name] = dice.choice(_SURVEYS)
            case "email":
                found[name] = f"po***@{'abcdefghk'[_pick(dice, 9)]}***.example"
    return found


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
