"""One running sandbox: the world, the clock, the keys, and what has been asked of it."""

import random
import threading
import uuid
from collections import Counter, deque

from sandbox.clock import Clock, day_of, midnight
from sandbox.delivery import Delivery
from sandbox.events import Subscription
from sandbox.faults import Faults
from sandbox.idporten import Idporten
from sandbox.keys import Keys
from sandbox.later import Later
from sandbox.making import make_world
from sandbox.model import Json
from sandbox.streams import Streams
from sandbox.system_register import adopt
from sandbox.world import World

OPERATIONS = (
    "token", "jwks", "exchange", "parties", "search", "details", "activities", "transmissions",
    "seenlog", "labellog", "labels", "bulkset", "lookup", "serviceresources", "metadata",
    "subscriptions", "events", "elsewhere",
    "stream", "correspondence", "correspondence-content", "correspondence-confirm",
    "correspondence-purge", "correspondence-file", "correspondence-files",
    "correspondence-reminders", "instance", "instance-file", "instance-delete", "receipt",
    "nav-sykmelding", "nav-soeknad", "nav-forespoersel", "nav-inntektsmelding",
    "nav-inntektsmeldinger", "nav-fp-forespoersel", "nav-fp-inntektsmelding",
    "nav-fp-inntektsmeldinger", "nav-dokument", "nav-fce", "nav-no", "login",
    "action", "canary", "unknown",
    "systemregister", "systemuser-requests", "systemuser-changes", "systemusers",
    "clientdelegation", "authorizedparties", "enhetsregisteret", "confirm",
    "idporten-authorize", "idporten-token", "idporten-logout",
)  # fmt: skip
LOGGED = 5000  # more than the adding of 3,000 clients


class Sandbox:
    def __init__(
        self,
        *,
        base_url: str,
        world: str = "demo",
        seed: int = 1,
        clients: int | None = None,
        dialogs: int | None = None,
        push_hosts: frozenset[str] = frozenset(),
    ) -> None:
        self.base_url = base_url
        self.push_hosts = push_hosts
        self.lock = threading.Lock()
        self.clock = Clock()
        self.keys = Keys()
        self.client_id = str(uuid.uuid4())
        self.idporten = Idporten(base_url)
        self.faults = Faults()
        self.subscriptions: dict[int, Subscription] = {}
        self.last_subscription = 0
        self.delivery = Delivery(self)
        self.later = Later(self)
        self.streams = Streams()
        self.too_broad = 50_000  # dialogs a text search gets through
        self.token_seconds = 600
        self.dialog_token_seconds = 600
        self.maskinporten_skew = 0  # seconds that Maskinporten's clock is ahead
        self.expired_keys: set[str] = set()
        self.spent: dict[str, float] = {}
        self.checked_tokens: dict[str, Json] = {}
        self.revoked: set[str] = set()
        self.rounds = 0  # up at each reset, so that what runs by itself stops
        self.stopped = threading.Event()
        self.nav_seconds = 3.0  # from a report is taken to it is judged
        self.nav_approves = True
        self.forget_requests()
        self.world: World
        self.reset(world=world, seed=seed, clients=clients, dialogs=dialogs)

    @property
    def issuer(self) -> str:
        return f"{self.base_url}/maskinporten/"

    @property
    def exchange_issuer(self) -> str:
        return f"{self.base_url}/authentication/api/v1/openid/"

    def reset(
        self, *, world: str, seed: int, clients: int | None, dialogs: int | None,
        keep_subscriptions: bool = False,
    ) -> None:  # fmt: skip
        """Make a new world. Keys, the client and its tokens stay."""
        self.clock.reset()
        made = make_world(
            world, seed=seed, base_url=self.base_url, clients=clients, dialogs=dialogs,
            anchor=midnight(day_of(self.clock.now())),
        )  # fmt: skip
        self.rounds += 1
        self.world = made
        adopt(made, self.client_id)
        self.idporten.end_sessions()
        self.dice = random.Random(f"run/{seed}/{self.rounds}")
        self.faults.clear()
        self.delivery.reset()
        self.streams.cut()
        self.streams.is_mute = False
        self.nav_seconds, self.nav_approves = 3.0, True
        if not keep_subscriptions:
            self.subscriptions.clear()
        self.forget_requests()

    def forget_requests(self) -> None:
        self.counts: Counter[str] = Counter(dict.fromkeys(OPERATIONS, 0))
        self.log: deque[Json] = deque(maxlen=LOGGED)
        self.received: deque[Json] = deque(maxlen=LOGGED)

    def stop(self) -> None:
        self.rounds += 1
        self.stopped.set()
        self.later.stop()
        self.streams.cut()
        self.delivery.stop()
