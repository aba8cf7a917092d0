"""Names nobody has: companies put together from places and trades, people from words."""

import random

_PLACES = (
    "Fjord", "Nordlys", "Østmarka", "Havgap", "Fjellvann", "Lyngheim", "Bekkelund", "Solberg",
    "Granli", "Storvik", "Elvebakk", "Vindheim", "Tinden", "Myrland", "Skogly", "Sandvær",
    "Brattås", "Kystens", "Heimdal", "Furutangen", "Blåfjell", "Morild", "Saltvær", "Rognes",
    "Tjernli", "Ekornsrud", "Langøy", "Hestvik", "Nesset", "Utsyn", "Kvistad", "Åsheim",
    "Ørnefjell", "Varden", "Liatoppen", "Steinsund", "Bjørkelia", "Haugtun", "Sjøvegen", "Dalbu",
)  # fmt: skip
_TRADES = (
    "bygg", "Rør", "Elektro", "Maskin", "Transport", "Regnskapsdata", "Tannklinikk", "Frisør",
    "Bakeri", "Bilverksted", "Eiendom", "Invest", "Holding", "Fisk", "Havbruk", "Gård", "Blomster",
    "Kafé", "Dagligvare", "Fysioterapi", "Arkitekter", "Reklame", "Renhold", "Taktekking",
    "Grafisk", "Trelast", "Sport", "Optikk", "Hotell", "Konsult", "Betong", "Maling", "Snekkeri",
    "Bemanning", "Data", "Catering", "Turbuss", "Drift", "Design", "Landbruk",
)  # fmt: skip
_CLUBS = ("Borettslag", "Sameie", "Idrettslag", "Barnehage", "Velforening", "Korps", "Stiftelse",
          "Båtforening", "Samvirkelag", "Museumslag")  # fmt: skip
_CLUB_FORMS = {"Borettslag": "BRL", "Sameie": "ESEK", "Barnehage": "SA", "Stiftelse": "STI",
               "Samvirkelag": "SA"}  # fmt: skip
_FIRST = ("Synlig", "Rask", "Tankefull", "Blid", "Stødig", "Kvikk", "Lun", "Vennlig", "Dristig",
          "Rolig", "Undrende", "Pålitelig", "Munter", "Ærlig", "Flittig", "Kvass", "Lett",
          "Myndig", "Nysgjerrig", "Trofast")  # fmt: skip
_LAST = ("Fjelltopp", "Tranebær", "Sjøfugl", "Bjørkeved", "Kompass", "Seilduk", "Havbris",
         "Lyngtue", "Fjellrev", "Steinur", "Kaffekanne", "Grytelokk", "Vinterdag", "Morgenfrost",
         "Skogsti", "Bryggekant", "Tåkelur", "Multebær", "Isbre", "Nattergal")  # fmt: skip

FIRM = "Vågen & Fjell Regnskap AS"
VENDOR = "Innboksverkstedet AS"


def companies(dice: random.Random, count: int) -> list[tuple[str, str]]:
    """Invent different companies: name and legal form (AS, ENK, ESEK, STI …)."""
    found: dict[str, str] = {}
    while len(found) < count:
        place = dice.choice(_PLACES)
        shape = dice.random()
        if shape < 0.12:
            kind = dice.choice(_CLUBS)
            name, form = f"{place} {kind}", _CLUB_FORMS.get(kind, "FLI")
        else:
            trade = dice.choice(_TRADES)
            glued = trade[0].islower()
            name = f"{place}{trade}" if glued else f"{place} {trade}"
            if shape < 0.26:
                name, form = f"{trade.capitalize()} {place} ENK", "ENK"
            elif shape < 0.30:
                name, form = f"{name} ANS", "ANS"
            elif shape < 0.33:
                name, form = f"{name} NUF", "NUF"
            else:
                name, form = f"{name} AS", "AS"
        if name in found and count > 600:
            name = f"{name} {len(found)}" if form != "AS" else f"{name[:-3]} {len(found)} AS"
        found.setdefault(name, form)
    return list(found.items())


def person(dice: random.Random) -> str:
    return f"{dice.choice(_FIRST)} {dice.choice(_LAST)}"
