"""What service owners remember of their messages, files and forms, beside the dialog itself."""

import msgspec

from sandbox.model import Json


class Message(msgspec.Struct, kw_only=True):
    """One of Correspondence's messages. `history` holds each status it has had, and when."""

    id: str
    dialog: str
    transmission: str = ""  # when it is a part of a dialog, not all of it
    needs_confirmation: bool = False
    history: list[tuple[str, int]] = []

    def has_been(self, status: str) -> bool:
        return any(status == one for one, _ in self.history)

    def latest(self, status: str) -> int:
        """Give when it last got a status; 0 if never."""
        return max((at for one, at in self.history if one == status), default=0)


class File(msgspec.Struct, kw_only=True):
    """How a file (or embedded text) is to be, as a control has asked; what is not said is usual."""

    name: str = ""
    content_type: str = ""
    body: str | None = None
    body_base64: str | None = None
    bytes: int | None = None  # so long, made up while it is sent
    status: int = 200
    redirect: str = ""
    state: str = ""  # expired, purged, forbidden, Pending, Infected, Clean
    headers: dict[str, str] = {}
    drip_seconds: float = 0
    drip_bytes: int = 1024
    after_seconds: float = 3  # for an action that is answered with 202


class Pending(msgspec.Struct, kw_only=True):
    """Something a service owner does after a while."""

    due: int
    what: str
    key: str
    more: Json = {}


class Owners(msgspec.Struct, kw_only=True):
    messages: dict[str, Message] = {}
    files: dict[str, File] = {}
    instances: dict[str, Json] = {}
    requests: dict[str, Json] = {}  # Nav's, for income: by reference
    submissions: dict[str, Json] = {}  # what was sent to Nav: by its id
    pending: list[Pending] = []
