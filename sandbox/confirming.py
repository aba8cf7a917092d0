"""The page where a human says yes or no to a vendor's request, at its confirm address.

Who the visitor is, is chosen on the page: nobody logs in to the sandbox.
"""

import html
from collections.abc import Callable
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from sandbox import access_requests, change_requests, ids, pages
from sandbox.problems import Refused
from sandbox.registers import AccessRequest

if TYPE_CHECKING:
    from sandbox.state import Sandbox

MANAGER, STAFF = "manager", "staff"
_TITLES = {
    "request": "Godkjenn systembruker",
    "agentrequest": "Godkjenn systembruker for klientforhold",
    "changerequest": "Godkjenn endring av systembruker",
}
_KINDS = {"request": "standard", "agentrequest": "agent", "changerequest": "change"}
_STATES = {
    "Accepted": "Forespørselen er godkjent.",
    "Rejected": "Forespørselen er avvist.",
    "Denied": "Forespørselen er avslått.",
    "Timedout": "Forespørselen er for gammel, og kan ikke besvares lenger.",
}
_NO_AUTHORITY = (
    "Du har ikke fullmakt til å godkjenne dette for virksomheten (AUTH-00066). Send forespørselen"
    " videre til en som er tilgangsstyrer eller hovedadministrator."
)


def _request(box: "Sandbox", request: Request, page: str) -> AccessRequest:
    found = box.world.registers.requests.get(request.args.get("id", "").lower())
    if found is None or found.kind != _KINDS[page]:
        text = pages.paragraph("Forespørselen finnes ikke. Den kan være trukket tilbake.")
        raise Refused(pages.page("Fant ikke forespørselen", text, 404))
    return access_requests.refreshed(box, found)


def show(box: "Sandbox", request: Request, page: str) -> Response:
    with box.world.lock:
        return _page(box, page, _request(box, request, page))


def _page(
    box: "Sandbox", page: str, one: AccessRequest, told: str = "", status: int = 200
) -> Response:
    party = box.world.parties[ids.ORGANIZATION + one.party]
    system = box.world.registers.systems[one.system]
    name = one.title or system.names.get("nb", one.system)
    wanted = "".join(f"<li>{html.escape(word)}</li>" for word in (*one.packages, *one.rights))
    taken = "".join(
        f"<li>Fjernes: {html.escape(word)}</li>"
        for word in (*one.unwanted_packages, *one.unwanted_rights)
    )
    body = pages.paragraph(
        f"{name} fra leverandøren {system.vendor} ber om tilgang for {party.name} ({party.orgnr})."
    )
    body += f"<ul>{wanted}{taken}</ul>"
    if told:
        body += f'<p role="alert"><strong>{html.escape(told)}</strong></p>'
    if one.status != "New":
        return pages.page(_TITLES[page], body + pages.paragraph(_STATES[one.status]), status)
    if one.is_escalated:
        body += pages.paragraph("Forespørselen er sendt videre til en som kan godkjenne.")
    body += '<form method="post">'
    body += pages.choices(
        "who",
        "Hvem er du?",
        [(MANAGER, f"Tilgangsstyrer i {party.name}: kan godkjenne"),
         (STAFF, f"Ansatt i {party.name} uten fullmakt")],
        MANAGER,
    )  # fmt: skip
    answers = [("approve", "Godkjenn"), ("reject", "Avvis")]
    if one.kind != "change":
        answers.append(("escalate", "Send videre"))
    return pages.page(_TITLES[page], f"{body}{pages.buttons('do', answers)}</form>", status)


def answer(box: "Sandbox", request: Request, page: str) -> Response:
    """Do what was pressed, then send the browser to the vendor's address if there is one."""
    form = request.form
    with box.world.lock:
        one = _request(box, request, page)
        if one.status != "New":
            return _page(box, page, one, status=409)
        wants = form.get("do", "")
        if wants in ("approve", "reject") and form.get("who") != MANAGER:
            return _page(box, page, one, _NO_AUTHORITY, 403)
        try:
            decide(box, one, wants)
        except Refused as refused:
            code = str((refused.response.get_json() or {}).get("code", ""))
            return _page(box, page, one, f"Dette gikk ikke ({code}).", refused.response.status_code)
        if one.redirect_url and wants != "escalate":
            return pages.to(one.redirect_url)
        return _page(box, page, one)


def decide(box: "Sandbox", one: AccessRequest, wants: str) -> None:
    """Approve, reject or escalate a request, of whatever kind."""
    match wants:
        case "approve" if one.kind == "change":
            change_requests.approve(box, one)
        case "approve":
            access_requests.approve(box, one)
        case "reject":
            access_requests.reject(box, one)
        case "escalate":
            access_requests.escalate(box, one)
        case _:
            raise Refused(Response(status=400))


_PATH = "/accessmanagement/ui/systemuser/<any(request, agentrequest, changerequest):page>"
ROUTES: list[tuple[str, str, str, Callable[..., Response]]] = [
    ("GET", _PATH, "confirm", show),
    ("POST", _PATH, "confirm", answer),
]
