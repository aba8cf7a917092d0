"""The sentences of `clients.advice`: what is the matter, and who does what about it."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from altinn.onboarding_errors import Cause

Words = tuple[Promise, Promise]

REQUESTS: dict[Cause, Words] = {
    Cause.EXISTS: (
        _("Systembrukeren finnes fra før."),
        _("Du trenger ikke å spørre på nytt. Hent systembrukeren inn i portalen i stedet."),
    ),
    Cause.ALREADY_ACCEPTED: (
        _("Forespørselen er allerede godkjent."),
        _("Du trenger ikke å gjøre noe. Portalen tar systembrukeren i bruk."),
    ),
    Cause.ALREADY_PENDING: (
        _("Det ligger allerede en forespørsel som ingen har svart på."),
        _("Send lenken til tilgangsstyreren på nytt, og be om at forespørselen blir godkjent."),
    ),
    Cause.ALREADY_REJECTED: (
        _("Forespørselen er avvist, og stenger for en ny."),
        _("Snakk med tilgangsstyreren. Slett så forespørselen i portalen, og spør på nytt."),
    ),
    Cause.REQUEST_UNKNOWN: (
        _("Altinn kjenner ikke forespørselen. Den er slettet, eller gjelder et annet miljø."),
        _("Lag en ny forespørsel i portalen, og send tilgangsstyreren den nye lenken."),
    ),
    Cause.REQUEST_ANSWERED: (
        _("Forespørselen er allerede besvart, og kan ikke endres."),
        _("Se på svaret i portalen. Lag en ny forespørsel hvis du trenger noe annet."),
    ),
    Cause.SYSTEM_USER_UNKNOWN: (
        _("Altinn har ingen slik systembruker. Den kan være slettet i Altinn."),
        _("Lag en ny forespørsel i portalen, og be tilgangsstyreren om å godkjenne den."),
    ),
    Cause.WRONG_KIND: (
        _("Systembrukeren er av en annen type enn det som ble spurt om."),
        _(
            "Velg typen på nytt i portalen: én for klientforhold til firmaet, eller en egen til "
            "hver klient."
        ),
    ),
    Cause.NOTHING_ASKED: (
        _("Forespørselen ber ikke om noen tilgang."),
        _("Velg minst én tilgangspakke i portalen, og spør på nytt."),
    ),
    Cause.NOT_IN_SYSTEM: (
        _("Systemet er ikke registrert med tilgangspakken det ble spurt om."),
        _("Legg tilgangspakken til systemet i portalen først, og spør så på nytt."),
    ),
    Cause.PACKAGE_UNKNOWN: (
        _("Altinn kjenner ikke tilgangspakken, eller lar ingen gi den videre."),
        _("Fjern tilgangspakken fra valget i portalen, og spør på nytt."),
    ),
    Cause.PACKAGE_FOR_AGENTS: (
        _(
            "En vanlig systembruker kan ikke få tilgangspakken: den gjelder klientforhold, eller "
            "kan ikke gis videre."
        ),
        _("Velg en systembruker for klientforhold i portalen, eller ta bort pakken."),
    ),
    Cause.PACKAGE_NOT_FOR_AGENTS: (
        _("Tilgangspakken kan ikke gis til en systembruker for klientforhold."),
        _(
            "Ta bort pakken i portalen. Trenger du den, ber du om en egen systembruker hos hver "
            "klient."
        ),
    ),
    Cause.REDIRECT: (
        _("Altinn kjenner ikke adressen som den som godkjenner skal sendes tilbake til."),
        _("Registrer portalens adresse på systemet, under «Oppsett», og spør på nytt."),
    ),
    Cause.UNKNOWN_ORGNR: (
        _("Altinn finner ikke virksomheten med dette organisasjonsnummeret."),
        _(
            "Kontroller nummeret i Enhetsregisteret. Oppdiktede virksomheter finnes bare i "
            "testmiljøet."
        ),
    ),
}

APPROVERS: dict[Cause, Words] = {
    Cause.RIGHT_NOT_DELEGABLE: (
        _("En av tilgangene kan ikke gis videre til en systembruker."),
        _("Ta bort tilgangen fra forespørselen i portalen, og spør på nytt."),
    ),
    Cause.APPROVER_LACKS_RIGHT: (
        _("Den som skulle godkjenne, har ikke selv alle tilgangene det ble spurt om."),
        _(
            "Be daglig leder eller en annen med tilgangene om å godkjenne. Forespørselen kan "
            "sendes videre i Altinn."
        ),
    ),
    Cause.APPROVER_LACKS_PACKAGE: (
        _("Den som skulle godkjenne, kan ikke gi videre en av tilgangspakkene."),
        _(
            "Be hovedadministrator eller daglig leder om å godkjenne, eller om å gi "
            "tilgangsstyreren pakken først."
        ),
    ),
    Cause.APPROVER_LEVEL: (
        _("Den som skulle godkjenne, var logget inn på for lavt sikkerhetsnivå."),
        _("Be tilgangsstyreren om å logge inn med BankID, Buypass eller Commfides og prøve igjen."),
    ),
    Cause.APPROVER_NOT_ACCESS_MANAGER: (
        _("Den som åpnet forespørselen, er ikke tilgangsstyrer i virksomheten."),
        _("Send lenken til virksomhetens tilgangsstyrer, hovedadministrator eller daglig leder."),
    ),
    Cause.OWNER_RESTRICTS: (
        _("Tjenesteeieren lar bare bestemte virksomheter få denne tilgangen."),
        _("Spør tjenesteeieren om virksomheten kan få tilgang, eller ta bort tjenesten."),
    ),
    Cause.SELF_IDENTIFIED: (
        _("Den som skulle godkjenne, var logget inn med brukernavn og passord."),
        _("Be tilgangsstyreren om å logge inn i Altinn med ID-porten, og prøve igjen."),
    ),
    Cause.PARTY_MISMATCH: (
        _("Forespørselen gjelder en annen virksomhet enn den som ble valgt i Altinn."),
        _("Be tilgangsstyreren om å åpne lenken på nytt, og velge virksomheten den gjelder."),
    ),
}

CLIENTS: dict[Cause, Words] = {
    Cause.AGENT_UNKNOWN: (
        _("Altinn finner ikke systembrukeren for klientforhold."),
        _("Se under «Oppsett» om den er godkjent. Er den slettet, lager du en ny forespørsel."),
    ),
    Cause.CLIENT_UNKNOWN: (
        _("Altinn kjenner ikke klienten som firmaets klient."),
        _("Kontroller organisasjonsnummeret, og at firmaet er registrert som regnskapsfører."),
    ),
    Cause.CLIENT_LACKS_PACKAGES: (
        _("Klienten har ikke gitt firmaet alle tilgangspakkene som systembrukeren trenger."),
        _("Send e-posten fra portalen til klienten, og be tilgangsstyreren der om å gi pakkene."),
    ),
    Cause.HAS_CLIENTS: (
        _("Systembrukeren har klienter, og kan ikke slettes så lenge den har det."),
        _("Ta bort klientene fra systembrukeren først. Slett den så i Altinn."),
    ),
    Cause.MAY_NOT_DELETE: (
        _("Innloggingen gir ikke lov til å slette dette."),
        _("Be firmaets tilgangsstyrer om å slette det i Altinn."),
    ),
}

SYSTEMS: dict[Cause, Words] = {
    Cause.SYSTEM_UNKNOWN: (
        _("Systemet er ikke registrert i Altinn, eller tilhører en annen leverandør."),
        _("Registrer systemet under «Oppsett», og kontroller leverandørens klient-ID."),
    ),
    Cause.SYSTEM_ID: (
        _("Altinn godtar ikke systemets ID."),
        _(
            "Velg en ID som er leverandørens organisasjonsnummer, en understrek og et navn uten "
            "mellomrom."
        ),
    ),
    Cause.SYSTEM_ID_TAKEN: (
        _("Systemet er allerede registrert med denne ID-en."),
        _("Hent det registrerte systemet inn i portalen, eller velg en annen ID."),
    ),
    Cause.CLIENT_ID_TAKEN: (
        _("Klient-ID-en fra Maskinporten er knyttet til et annet system i Altinn."),
        _("Ta den bort fra det andre systemet, eller lag en ny integrasjon hos Digdir."),
    ),
    Cause.RESOURCE: (
        _("Altinn kjenner ikke en av tjenestene, eller lar ikke systemer bruke den."),
        _("Ta bort tjenesten fra systemets rettigheter under «Oppsett», og lagre på nytt."),
    ),
    Cause.TWICE: (
        _("Det samme er oppgitt to ganger."),
        _("Ta bort det som står dobbelt under «Oppsett», og lagre på nytt."),
    ),
    Cause.VISIBLE: (
        _("Et system med tilgangspakker for klientforhold kan ikke være synlig for alle."),
        _("Sett systemet til «ikke synlig» under «Oppsett», og lagre på nytt."),
    ),
    Cause.VENDOR: (
        _("Altinn finner ikke leverandøren i tokenet fra Maskinporten."),
        _("Kontroller under «Oppsett» at klient-ID-en tilhører leverandøren selv."),
    ),
}

TOKENS: dict[Cause, Words] = {
    Cause.WRONG_CLIENT: (
        _("Maskinporten kjenner ikke klienten."),
        _(
            "Kontroller klient-ID-en under «Oppsett», og at den hører til samme miljø (test eller "
            "produksjon) som adressene."
        ),
    ),
    Cause.ENVIRONMENTS_MIXED: (
        _("Adressene blander test og produksjon."),
        _("Be den som drifter portalen om å bruke adressene til ett miljø."),
    ),
    Cause.KEY_NOT_REGISTERED: (
        _("Maskinporten godtar ikke signaturen: nøkkelen er ikke registrert på klienten."),
        _(
            "Registrer den offentlige nøkkelen fra «Oppsett» i Digdirs selvbetjening, "
            "med samme kid."
        ),
    ),
    Cause.KEY_EXPIRED: (
        _("Nøkkelen i Maskinporten er utløpt. En nøkkel gjelder i ett år."),
        _("Lag en ny nøkkel under «Oppsett», og registrer den i Digdirs selvbetjening."),
    ),
    Cause.CLOCK: (
        _("Klokken på serveren går feil."),
        _("Be den som drifter portalen om å slå på tidssynkronisering (NTP)."),
    ),
    Cause.SCOPE_MISSING: (
        _("Integrasjonen i Maskinporten mangler et scope, eller er av feil type."),
        _("Legg scopet til integrasjonen i Digdirs selvbetjening, og prøv igjen."),
    ),
    Cause.SCOPE_NOT_GIVEN: (
        _("Leverandøren har ikke fått tilgang til et scope."),
        _("Be eieren av scopet om tilgang. Tilganger i produksjon gjelder ikke i test."),
    ),
    Cause.NO_SYSTEM_USER: (
        _("Systembrukeren er ikke godkjent, eller godkjenningen er trukket tilbake."),
        _(
            "Se på status under «Oppsett». Send en ny forespørsel om det trengs, og be firmaets "
            "tilgangsstyrer om å godkjenne den i Altinn."
        ),
    ),
    Cause.TOKEN: (
        _("Tokenet ble ikke godtatt."),
        _(
            "Kontroller klienten og nøkkelen under «Oppsett». Oppgi sporings-ID-en til Digdir "
            "hvis du trenger hjelp."
        ),
    ),
}

PERSONS: dict[Cause, Words] = {
    Cause.IDPORTEN_CLIENT: (
        _("ID-porten godtar ikke portalens integrasjon."),
        _(
            "Be den som drifter portalen om å kontrollere klient-ID, nøkkel og scopes i Digdirs "
            "selvbetjening."
        ),
    ),
    Cause.SIGN_IN_ENDED: (
        _("Innloggingen med ID-porten gjelder ikke lenger."),
        _("Koble til med ID-porten på nytt. Det som er gjort, er beholdt."),
    ),
    Cause.SIGN_IN_CANCELLED: (
        _("Innloggingen med ID-porten ble avbrutt."),
        _(
            "Koble til på nytt når du er klar, eller be firmaets "
            "klientadministrator om å gjøre det."
        ),
    ),
    Cause.NOT_GENUINE: (
        _("Svaret fra ID-porten hører ikke til denne innloggingen."),
        _("Begynn innloggingen på nytt fra portalen, og bruk bare én fane."),
    ),
    Cause.LEVEL: (
        _("Innloggingen var på et lavere sikkerhetsnivå enn det som kreves."),
        _("Logg inn på nytt med BankID, Buypass eller Commfides."),
    ),
}

OTHERS: dict[Cause, Words] = {
    Cause.NO_ACCESS: (
        _("Altinn gir ikke adgang til dette."),
        _(
            "Kontroller at integrasjonen har alle scopes. Gjelder det klientene, må firmaets "
            "klientadministrator gjøre det."
        ),
    ),
    Cause.NOT_THERE: (
        _("Dette finnes ikke, eller er slettet."),
        _("Kontroller nummeret eller adressen, og prøv igjen."),
    ),
    Cause.CHANGED: (
        _("Noen andre har endret dette i mellomtiden."),
        _("Last siden på nytt, og se hvordan det står nå."),
    ),
    Cause.UNKNOWN_OUTCOME: (
        _("Altinn svarte ikke, og kan ha gjort det likevel."),
        _("Ikke gjør det på nytt før du har sett hvordan det står. Last siden på nytt."),
    ),
    Cause.ALTINN_FAILED: (
        _("Altinn klarte ikke å gjennomføre det."),
        _(
            "Prøv igjen om en stund. Går det fortsatt ikke, oppgir du koden og sporings-ID-en til "
            "Altinns brukerstøtte."
        ),
    ),
    Cause.ALTINN_AWAY: (
        _("Altinn, eller en av tjenestene rundt, svarer ikke akkurat nå."),
        _("Vent litt. Portalen prøver igjen av seg selv."),
    ),
    Cause.OUR_MISTAKE: (
        _("Portalen spurte på feil måte."),
        _("Meld fra til den som drifter portalen, og oppgi koden og sporings-ID-en."),
    ),
    Cause.UNCLEAR: (
        _("Altinn godtok ikke dette, og sa ikke hvorfor."),
        _(
            "Prøv én gang til. Oppgi koden og sporings-ID-en til Altinns "
            "brukerstøtte om det trengs."
        ),
    ),
}

WORDS: dict[Cause, Words] = REQUESTS | APPROVERS | CLIENTS | SYSTEMS | TOKENS | PERSONS | OTHERS
