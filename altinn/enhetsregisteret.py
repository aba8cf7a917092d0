"""Enhetsregisteret: who a company is, who has a role in it, and what has changed. Open data.

Source: the register's own documentation of its API, read 2026-08.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import httpx

from altinn.asking import Neighbour, segment
from altinn.environment import Environment
from altinn.errors import Misunderstood, NotThere
from altinn.identifiers import is_orgnr
from altinn.roles import Role, RoleChange, RoleHolder, held_in, role_changes_in, roles_in
from altinn.units import Unit, UnitChange, batches, unit_changes_in, unit_in, units_in

__all__ = [
    "ACCOUNTANT",
    "Enhetsregisteret",
    "Role",
    "RoleChange",
    "RoleHolder",
    "Unit",
    "UnitChange",
]

ACCOUNTANT = "REGN"

_BATCH = 100
_CHANGES = 1000


class Enhetsregisteret:
    """The register. The caller opens and closes `http`. No token is ever sent.

    Every method raises `altinn.errors.AltinnError`. Made-up companies of the test environment
    are not in it: there, a miss is no error.
    """

    def __init__(self, http: httpx.Client, environment: Environment) -> None:
        self._register = Neighbour(http, environment.enhetsregisteret_url)

    def unit(self, orgnr: str) -> Unit:
        """A company, or a sub-unit, also when it is deleted or removed.

        Raises:
            NotThere: no such number.
            ValueError: not an organisation number.
        """
        if not is_orgnr(orgnr):
            raise ValueError("Not an organisation number: nine digits")
        try:
            return self._one(f"/enheter/{orgnr}", is_sub_unit=False)
        except NotThere as exc:
            if exc.deleted:
                return Unit(orgnr=orgnr, is_deleted=True, is_removed=True)
        try:
            return self._one(f"/underenheter/{orgnr}", is_sub_unit=True)
        except NotThere as exc:
            if exc.deleted:
                return Unit(orgnr=orgnr, is_sub_unit=True, is_deleted=True, is_removed=True)
            raise

    def units(self, orgnrs: Sequence[str], *, deleted_too: bool = True) -> dict[str, Unit]:
        """Those there are, by number, a hundred at a time; what is no number is left out.

        Deleted ones cost a call each: without `deleted_too` they are left out.
        """
        found: dict[str, Unit] = {}
        for are_sub_units in (False, True):
            missing = [each for each in orgnrs if each not in found]
            for batch in batches(missing, _BATCH):
                params = {"organisasjonsnummer": ",".join(batch), "size": str(_BATCH)}
                page, _ = self._page(params, are_sub_units=are_sub_units)
                found |= {unit.orgnr: unit for unit in page}
        if deleted_too:
            for (orgnr,) in batches([each for each in orgnrs if each not in found], 1):
                with suppress(NotThere):
                    found[orgnr] = self.unit(orgnr)
        return found

    def subunits(self, orgnr: str) -> list[Unit]:
        """The company's sub-units, without the deleted ones."""
        units: list[Unit] = []
        number, pages = 0, 1
        while number < pages:
            params = {"overordnetEnhet": orgnr, "size": str(_BATCH), "page": str(number)}
            page, pages = self._page(params, are_sub_units=True)
            units += [unit for unit in page if not unit.is_deleted]
            number += 1
        return units

    def roles(self, orgnr: str) -> list[Role]:
        """All roles in the company, ended ones too. Empty when there are none."""
        try:
            return roles_in(self._register.send("GET", f"/enheter/{segment(orgnr)}/roller"))
        except NotThere:
            return []

    def clients_of(self, orgnr: str, role: str = ACCOUNTANT) -> list[RoleHolder]:
        """The companies in which this firm has the role, now. Empty when there are none."""
        path = f"/roller/enheter/{segment(orgnr)}/juridiskeroller"
        clients: list[RoleHolder] = []
        query: dict[str, str] = {}
        queries = [query]
        while True:
            try:
                page, link = held_in(self._register.send("GET", path, params=query))
            except NotThere:
                return clients
            clients += [each for each in page if role in each.roles]
            if not link:
                return clients
            # Of the link, which may point anywhere, what it asks for alone is used.
            query = dict(parse_qsl(urlsplit(link).query))
            if not query or query in queries:
                raise Misunderstood("More pages are promised, but the link does not move on")
            queries.append(query)

    def unit_changes(
        self, *, after_id: int | None = None, since: datetime | None = None, sub_units: bool = False
    ) -> Iterator[UnitChange]:
        """What has changed since, oldest first, page by page until there is no more.

        Raises:
            ValueError: neither `after_id` nor `since`, or both.
        """
        path = "/oppdateringer/underenheter" if sub_units else "/oppdateringer/enheter"
        _check(after_id, since)
        params = {"size": str(_CHANGES)}
        params |= (
            {"dato": _moment(since)} if since else {"oppdateringsid": str((after_id or 0) + 1)}
        )
        last = after_id or 0
        while changes := unit_changes_in(self._register.send("GET", path, params=params)):
            yield from changes
            if changes[-1].id <= last:
                raise Misunderstood("The changes do not move on")
            last = changes[-1].id
            params = {"size": str(_CHANGES), "oppdateringsid": str(last + 1)}

    def role_changes(
        self,
        *,
        after_id: str | None = None,
        since: datetime | None = None,
        orgnrs: Sequence[str] = (),
    ) -> Iterator[RoleChange]:
        """In which companies roles have changed since, oldest first, until there is no more.

        Raises:
            ValueError: neither `after_id` nor `since`, or both.
        """
        _check(after_id, since)
        always = {"size": str(_CHANGES)}
        if orgnrs:
            always["organisasjonsnummer"] = ",".join(orgnrs)
        params = always | ({"afterTime": _moment(since)} if since else {"afterId": after_id or ""})
        path, last = "/oppdateringer/roller", after_id
        while changes := role_changes_in(self._register.send("GET", path, params=params)):
            yield from changes
            if changes[-1].id == last:
                raise Misunderstood("The changes do not move on")
            last = changes[-1].id
            params = always | {"afterId": last}

    def _one(self, path: str, *, is_sub_unit: bool) -> Unit:
        return unit_in(self._register.send("GET", path), is_sub_unit=is_sub_unit)

    def _page(self, params: dict[str, str], *, are_sub_units: bool) -> tuple[list[Unit], int]:
        path = "/underenheter" if are_sub_units else "/enheter"
        response = self._register.send("GET", path, params=params)
        return units_in(response, are_sub_units=are_sub_units)


def _check(after_id: object, since: object) -> None:
    if (after_id is None) == (since is None):
        raise ValueError("Give after_id or since")


def _moment(at: datetime) -> str:
    """As the register wants a moment: UTC, with milliseconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}Z"
