"""Looking for the firm's clients: what was found of each, and lists that people bring with them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clients.models.registrations import Client, SystemUser
from staff.models import Team, User


class DelegationReading(models.Model):
    """When a person's token last listed an agent's clients: tells «none» from «not read»."""

    system_user = models.OneToOneField(
        SystemUser, on_delete=models.CASCADE, related_name="delegation_reading"
    )
    read_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.system_user} {self.read_at:%Y-%m-%d %H:%M}"


class DelegationSnapshot(models.Model):
    """A client that an agent has, or could be given, as a person's token last showed it."""

    system_user = models.ForeignKey(
        SystemUser, on_delete=models.CASCADE, related_name="delegation_snapshots"
    )
    party_uuid = models.UUIDField()
    orgnr = models.CharField(max_length=9, db_index=True)
    name = models.CharField(max_length=255, blank=True)
    is_added = models.BooleanField()  # false: it holds the packages and waits to be added
    read_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["system_user", "party_uuid"], name="delegation_once"),
        ]

    def __str__(self) -> str:
        return f"{self.system_user} {self.orgnr} {'added' if self.is_added else 'available'}"


class Discovery(models.Model):
    """One search for clients. Whoever works on it holds a lease; what is done is not done again."""

    class Step(models.TextChoices):
        ROLES = "ROLES", _("Leser rollene i Enhetsregisteret")
        ALTINN = "ALTINN", _("Leser hva systembrukerne ser i Altinn")
        REGISTER = "REGISTER", _("Slår opp hver klient i Enhetsregisteret")
        JUDGE = "JUDGE", _("Ser hva hver klient mangler")
        FINISHED = "FINISHED", _("Ferdig")

    actor = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    firm_orgnr = models.CharField(max_length=9)
    step = models.CharField(max_length=8, choices=Step, default=Step.ROLES)
    lease_until_at = models.DateTimeField(null=True)
    trouble = models.TextField(blank=True)  # why it waits just now, in words for the screen
    unread = models.JSONField(default=list)  # what could not be read, one sentence each
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["firm_orgnr"], condition=Q(finished_at=None), name="one_discovery_at_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.firm_orgnr} {self.step}"


class Candidate(models.Model):
    """A company that is, or may become, a client: what is known of it and what it lacks."""

    class State(models.TextChoices):
        SEES_ALL = "SEES_ALL", _("Ser alt")
        PARTLY = "PARTLY", _("Ser delvis")
        READY = "READY", _("Klar til å legges til")
        PACKAGE_MISSING = "PACKAGE", _("Rolle, men pakke mangler")
        NO_ROLE = "NO_ROLE", _("Ingen rolle: spør klienten")
        ENDED = "ENDED", _("Konkurs, avviklet eller slettet")

    orgnr = models.CharField(max_length=9, unique=True)
    name = models.CharField(max_length=255)
    discovery = models.ForeignKey(  # the last search that found it
        Discovery, null=True, on_delete=models.SET_NULL, related_name="candidates"
    )
    roles = models.JSONField(default=list)  # the firm's, from Enhetsregisteret: REGN, REVI …
    sights = models.JSONField(default=dict)  # {system user: its packages for this client}
    unit = models.JSONField(default=dict)  # as Enhetsregisteret has it
    looked_up_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=8, choices=State, blank=True)
    reason = models.CharField(max_length=24, blank=True)
    detail = models.JSONField(default=dict)  # what the reason's sentence names
    judged_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "name"], name="candidate_by_state")]

    def __str__(self) -> str:
        return f"{self.orgnr} {self.state}"


class ClientImport(models.Model):
    """A list of clients that somebody brought: looked over first, imported when they say so."""

    class State(models.TextChoices):
        CHECKING = "CHECKING", _("slår opp")
        READY = "READY", _("klar til å importeres")
        IMPORTING = "IMPORT", _("importeres")
        FINISHED = "FINISHED", _("ferdig")

    actor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=200, blank=True)  # the file's name; empty when pasted
    columns = models.JSONField(default=list)  # what was read, in the file's order
    ignored = models.JSONField(default=list)  # headings nobody understood
    state = models.CharField(max_length=8, choices=State, default=State.CHECKING)
    lease_until_at = models.DateTimeField(null=True)
    trouble = models.TextField(blank=True)  # why it waits just now, in words for the screen
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["actor", "-created_at"], name="import_by_actor")]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"


class ImportLine(models.Model):
    """One line of such a list, what is wrong with it, and the client that came of it."""

    class Outcome(models.TextChoices):
        UNCHECKED = "UNCHECKED", _("ikke slått opp ennå")
        GOOD = "GOOD", _("kan importeres")
        BAD = "BAD", _("importeres ikke")
        IMPORTED = "IMPORTED", _("importert")

    job = models.ForeignKey(ClientImport, on_delete=models.CASCADE, related_name="lines")
    number = models.PositiveIntegerField()  # in the file, as its reader counts
    cells = models.JSONField(default=dict)  # {column: what was written}, without national ids
    orgnr = models.CharField(max_length=9, blank=True)
    name = models.CharField(max_length=255, blank=True)
    responsible = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    team = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL, related_name="+")
    areas = models.JSONField(default=dict)  # {service area: user}
    outcome = models.CharField(max_length=9, choices=Outcome, default=Outcome.UNCHECKED)
    faults = models.JSONField(default=list)  # [{code, what its sentence names}], worst first
    client = models.ForeignKey(Client, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="import_line_once")]
        indexes = [models.Index(fields=["job", "outcome"], name="import_line_outcome")]

    def __str__(self) -> str:
        return f"{self.job_id} {self.number} {self.outcome}"
