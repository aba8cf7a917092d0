"""Where the parts of a made-up dialog lie: at the same service owners as the real ones' do."""

from urllib.parse import quote

from sandbox.model import Dialog, Json

_NAV_DOCUMENTS = {"SYKMELDING": "sykmelding", "SYKEPENGESOEKNAD": "sykepengesoeknad"}
_TAILS = {"purgeCorrespondence": "/purge", "confirmCorrespondence": "/confirm"}


class Addresses:
    """The addresses of one dialog's parts, by the kind of service it is."""

    def __init__(self, dialog: Dialog, base_url: str) -> None:
        self._dialog = dialog
        self._base = base_url
        self._service = dialog.resource.rsplit(":", 1)[1]
        self._ref = (dialog.instance_ref or "").removeprefix("urn:altinn:instance-id:")
        self.is_message = dialog.kind == "correspondenceservice"
        self.is_app = dialog.kind in ("altinnapp", "migratedapp")

    @property
    def is_followed_by_nav(self) -> bool:
        """Tell whether Nav wants to know that a transmission has been opened."""
        return self._service.startswith("nav_sykepenger")

    def _message(self, tail: str = "") -> str:
        key = (self._dialog.instance_ref or self._dialog.id)[-36:]
        return f"{self._base}/correspondence/api/v1/correspondence/{key}{tail}"

    def _behind_log_in(self, url: str) -> str:
        goto = quote(url, safe="")
        return f"{self._base}/authentication/api/v1/authentication?goto={goto}"

    def _app(self, tail: str) -> str:
        org, _, app = self._service.removeprefix("app_").partition("_")
        return f"{self._base}/elsewhere/apps/{org}/{org}/{app}/{tail}"

    def content(self) -> str:
        if self.is_message:
            return self._message("/content")
        return f"{self._base}/elsewhere/content/{self._dialog.id}"

    def embed(self, key: str, kind: str) -> str:
        """Give the address of a transmission's own text; empty: it has none."""
        if self.is_app:
            base = f"{self._base}/storage/dialogporten/api/v1/receipt"
            return f"{base}/{self._dialog.id}/{key}?lang=nb"
        if not self.is_followed_by_nav:
            return ""
        page = f"{self._base}/nav-no/dokument/fce/sett-transmission-lest"
        return f"{page}?transmissionId={key}&extendedType={kind}"

    def file(self, key: str, consumer: str, media_type: str, kind: str) -> str:
        """Give the address of a file; `kind` is the extended type of the transmission it is in."""
        if self.is_message:
            return self._message(f"/attachment/{key}/download")
        if self.is_app:
            url = f"{self._base}/storage/api/v1/instances/{self._ref}/data/{key}"
            if consumer == "Api":
                return url
            return self._behind_log_in(f"{url}?dontChooseReportee=true")
        if self._service.startswith("nav_"):
            return self._base + self._nav_file(consumer, media_type, kind)
        return f"{self._base}/elsewhere/files/{self._dialog.id}/{key}"

    def _nav_file(self, consumer: str, media_type: str, kind: str) -> str:
        key, is_for_people = self._dialog.id, consumer == "Gui"
        if self._service == "nav_sykepenger_fritak-arbeidsgiverperiode":
            return f"/nav-no/dokument/kronisk-krav/{key}.pdf"
        if self._service.startswith("nav_syfo"):
            return f"/nav-dokumentporten/api/v1/documents/{key}"
        if self._service.startswith("nav_foreldrepenger"):
            return f"/nav-no/fp-im-dialog/{key}" if is_for_people else (
                f"/nav-foreldrepenger/v1/forespoersel/{key}"
            )  # fmt: skip
        if kind in _NAV_DOCUMENTS:
            name = _NAV_DOCUMENTS[kind]
            if is_for_people:
                return f"/nav-no/dokument/{name}/{key}.pdf"
            tail = "/pdf" if media_type == "application/pdf" else ""
            return f"/nav-sykepenger/v1/{name}/{key}{tail}"
        if is_for_people:
            return f"/nav-no/im-dialog/{key}"
        name = "inntektsmelding" if kind.startswith("INNTEKTSMELDING") else "forespoersel"
        return f"/nav-sykepenger/v1/{name}/{key}"

    def button(self, key: str, method: str) -> str:
        if self.is_message and method != "GET":
            return self._message("/confirm" if method == "POST" else "/purge")
        if self.is_app and method == "DELETE":
            return f"{self._base}/storage/dialogporten/api/v1/instance/{self._ref}"
        if method != "GET":
            return f"{self._base}/elsewhere/actions/{self._dialog.id}/{key}"
        if self.is_app:
            return self._behind_log_in(self._app(f"?dontChooseReportee=true#/instance/{self._ref}"))
        if self._service.startswith("nav_"):
            return f"{self._base}/nav-no/im-dialog/{self._dialog.id}"
        return f"{self._base}/elsewhere/forms/{self._dialog.org}/{self._dialog.id}"

    def machine(self, name: str) -> Json:
        """Give the address of an API action, and where it is documented."""
        if self.is_message:
            return {"url": self._message(_TAILS.get(name, ""))}
        if self.is_app:
            is_sent = self._dialog.status in ("Completed", "Awaiting")
            archive = f"{self._base}/storage/api/v1/instances/{self._ref}"
            return {"url": archive if is_sent else self._app(f"instances/{self._ref}")}
        if self._service == "nav_sykepenger_dialog":
            base = f"{self._base}/nav-sykepenger"
            return {"url": f"{base}/v1/inntektsmelding", "documentationUrl": f"{base}/swagger"}
        if self._service.startswith("nav_foreldrepenger"):
            base = f"{self._base}/nav-foreldrepenger"
            return {"url": f"{base}/v1/inntektsmelding/send-inn"}
        return {"url": f"{self._base}/elsewhere/api/{self._dialog.id}"}
