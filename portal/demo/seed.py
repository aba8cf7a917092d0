"""Fill the demo's portal: staff, the sandbox's system users, and the clients Altinn lists.

Run by the supervisor; with `--read` it also asks the workers for the first reading. Safe to repeat.
"""

import json
import os
import sys
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from django.utils import timezone  # noqa: E402 (needs the set-up above)

import portal.celery  # noqa: E402, F401 (to queue work)
from clients import actions, connect  # noqa: E402
from clients import tasks as clients_tasks  # noqa: E402
from clients.models import Client, SystemUser  # noqa: E402
from dialogs import tasks  # noqa: E402
from staff.models import Team, User  # noqa: E402

Role = User.Role
STAFF = [
    ("kari.hansen", "Kari", "Hansen", Role.ACCOUNTANT),
    ("ola.berg", "Ola", "Berg", Role.ACCOUNTANT),
    ("ingrid.moen", "Ingrid", "Moen", Role.ACCOUNTANT),
    ("jonas.lie", "Jonas", "Lie", Role.ACCOUNTANT),
    ("leder", "Marit", "Solberg", Role.MANAGER),
    ("admin", "Per", "Nilsen", Role.ADMIN),
    ("revisor", "Nora", "Dahl", Role.AUDITOR),
]


def add_staff() -> list[User]:
    """Add the demo's staff and return the accountants."""
    password = (Path(os.environ["DEMO_FOLDER"]) / "password").read_text(encoding="utf-8")
    team, _ = Team.objects.get_or_create(name="Lønn")
    accountants = []
    for name, first, last, role in STAFF:
        email = f"{name}@demo.invalid"
        user = User.objects.filter(email=email).first() or User.objects.create_user(
            email, password, first_name=first, last_name=last, role=role
        )
        if role == Role.ACCOUNTANT:
            accountants.append(user)
    team.members.add(accountants[2])
    return accountants


def add_system_users() -> None:
    for one in json.loads(os.environ["DEMO_CREDENTIALS"]):
        if one["kind"] != "agent":
            continue
        SystemUser.objects.get_or_create(
            owner_orgnr=one["orgnr"],
            external_ref=one["external_ref"],
            defaults={
                "name": one["name"].rsplit(": ", 1)[-1].capitalize(),
                "kind": SystemUser.Kind.AGENT,
                "adds_clients": True,
            },
        )


def add_clients(accountants: list[User]) -> None:
    """Take in Altinn's list of parties, and share the clients out: some stay without anybody."""
    for system_user in SystemUser.objects.usable():
        with connect.end_user(system_user) as api:
            actions.keep_in_step(system_user, api.parties(), now=timezone.now())
    firm = json.loads(os.environ["DEMO_FIRM"])
    Client.objects.filter(orgnr=firm["orgnr"]).update(is_firm=True)
    unshared = Client.objects.filter(responsible=None, members=None, is_firm=False)
    for number, client in enumerate(unshared.order_by("orgnr")):
        accountant = accountants[number % len(accountants)]
        client.members.add(accountant)
        if number % 12 != 11:
            client.responsible = accountant
            client.save(update_fields=["responsible"])


if __name__ == "__main__":
    if "--read" in sys.argv[1:]:
        tasks.load_new.delay()
        tasks.read_names.delay()
        clients_tasks.check_subscriptions.delay()
        clients_tasks.create_subscriptions.delay()
    else:
        add_system_users()
        add_clients(add_staff())
