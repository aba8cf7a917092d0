"""Nav's codes in the words that its own forms use.

Source: navikt/sykepenger-im-lps-api 69d000a9, fp-inntektsmelding-api 498063eb; read 2026-08.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

NATURALYTELSER: dict[str, Promise] = {
    "AKSJERGRUNNFONDSBEVISTILUNDERKURS": _("Aksjer eller grunnfondsbevis til underkurs"),
    "BEDRIFTSBARNEHAGEPLASS": _("Bedriftsbarnehageplass"),
    "BESOEKSREISERHJEMMETANNET": _("Besøksreiser i hjemmet, annet"),
    "BIL": _("Bil"),
    "BOLIG": _("Bolig"),
    "ELEKTRONISKKOMMUNIKASJON": _("Elektronisk kommunikasjon"),
    "FRITRANSPORT": _("Fri transport"),
    "INNBETALINGTILUTENLANDSKPENSJONSORDNING": _("Innbetaling til utenlandsk pensjonsordning"),
    "KOSTBESPARELSEIHJEMMET": _("Kostbesparelse i hjemmet"),
    "KOSTDAGER": _("Kost, dager"),
    "KOSTDOEGN": _("Kost, døgn"),
    "LOSJI": _("Losji"),
    "OPSJONER": _("Opsjoner"),
    "RENTEFORDELLAAN": _("Rentefordel på lån"),
    "SKATTEPLIKTIGDELFORSIKRINGER": _("Skattepliktig del av visse forsikringer"),
    "TILSKUDDBARNEHAGEPLASS": _("Tilskudd til barnehageplass"),
    "YRKEBILTJENESTLIGBEHOVKILOMETER": _("Yrkesbil, tjenstlig behov, kilometer"),
    "YRKEBILTJENESTLIGBEHOVLISTEPRIS": _("Yrkesbil, tjenstlig behov, listepris"),
    "ANNET": _("Annet"),
}

BEGRUNNELSER: dict[str, Promise] = {
    "ArbeidOpphoert": _("Arbeidet har opphørt"),
    "BeskjedGittForSent": _("Beskjed om fravær ble gitt for sent"),
    "BetvilerArbeidsufoerhet": _("Vi betviler at den ansatte er arbeidsufør"),
    "FerieEllerAvspasering": _("Ferie eller avspasering"),
    "FiskerMedHyre": _("Fisker med hyre"),
    "FravaerUtenGyldigGrunn": _("Fravær uten gyldig grunn"),
    "IkkeFravaer": _("Det var ikke fravær"),
    "IkkeFullStillingsandel": _("Ikke full stillingsandel"),
    "IkkeLoenn": _("Det skulle ikke betales lønn"),
    "LovligFravaer": _("Lovlig fravær uten lønn"),
    "ManglerOpptjening": _("Mindre enn fire ukers ansettelse"),
    "Permittering": _("Permittering"),
    "Saerregler": _("Særregler"),
    "StreikEllerLockout": _("Streik eller lockout"),
    "TidligereVirksomhet": _("Arbeidsgiverperioden er betalt av tidligere virksomhet"),
}

AARSAKER: dict[str, Promise] = {
    "Bonus": _("Bonus"),
    "Feilregistrert": _("Mangelfull eller uriktig a-melding"),
    "Ferie": _("Ferie"),
    "Ferietrekk": _("Ferietrekk eller utbetaling av feriepenger"),
    "InntektIkkeRapportertEndaAordning": _("Inntekten er ikke rapportert i a-meldingen ennå"),
    "MangelfullRapporteringAordning": _("Mangelfull rapportering i a-meldingen"),
    "Nyansatt": _("Nyansatt"),
    "NyStilling": _("Ny stilling"),
    "NyStillingsprosent": _("Ny stillingsprosent"),
    "Permisjon": _("Permisjon"),
    "Permittering": _("Permittering"),
    "Sykefravaer": _("Sykefravær"),
    "Tariffendring": _("Tariffendring"),
    "VarigLoennsendring": _("Varig lønnsendring"),
}
ONLY_FORELDREPENGER = {"InntektIkkeRapportertEndaAordning", "MangelfullRapporteringAordning"}
ONLY_SYKEPENGER = {"Feilregistrert"}
# What a reason needs besides itself.
WITH_PERIODS = {"Ferie", "Permisjon", "Permittering", "Sykefravaer"}
WITH_A_DAY = {"NyStilling", "NyStillingsprosent", "VarigLoennsendring", "Tariffendring"}

YTELSER: dict[str, Promise] = {
    "FORELDREPENGER": _("foreldrepenger"),
    "SVANGERSKAPSPENGER": _("svangerskapspenger"),
}
