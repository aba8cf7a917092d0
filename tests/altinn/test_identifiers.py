import pytest

from altinn.identifiers import canonical_party, is_orgnr, is_person, orgnr_of, party_urn

ORG = "urn:altinn:organization:identifier-no"


@pytest.mark.parametrize("orgnr", ["310923044", "991825827", "974760673", "315010195"])
def test_organisation_numbers_with_the_right_check_digit(orgnr: str) -> None:
    assert is_orgnr(orgnr)
    assert party_urn(orgnr) == f"{ORG}:{orgnr}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "310923045",
        "31092304",
        "3109230444",
        "310 923 044",
        "310923044\n",
        "٣١٠٩٢٣٠٤٤",
        "31092304x",
        "000000010",  # the check digit would be 10
    ],
)
def test_other_texts_are_no_organisation_number(text: str) -> None:
    assert not is_orgnr(text)
    with pytest.raises(ValueError, match="nine digits"):
        party_urn(text)


@pytest.mark.parametrize(
    ("urn", "orgnr"),
    [
        (f"{ORG}:310923044", "310923044"),
        (f"{ORG}::310923044", "310923044"),
        (f"{ORG.upper()}:310923044", "310923044"),
        (f"{ORG}:::310923044", None),
        (f"{ORG}:310923044x", None),
        (f"x{ORG}:310923044", None),
        ("urn:altinn:person:identifier-no:08844397713", None),
        ("/party/51267836", None),
        ("", None),
    ],
)
def test_the_number_in_a_urn(urn: str, orgnr: str | None) -> None:
    assert orgnr_of(urn) == orgnr


@pytest.mark.parametrize(
    ("urn", "canonical"),
    [
        (f"{ORG}::310923044", f"{ORG}:310923044"),
        (f" {ORG.upper()}:310923044 ", f"{ORG}:310923044"),
        ("urn:altinn:person:identifier-no::1", "urn:altinn:person:identifier-no:1"),
        ("urn:altinn:systemuser:uuid:A-B", "urn:altinn:systemuser:uuid:a-b"),
        ("/party/1", "/party/1"),
    ],
)
def test_a_party_has_one_spelling(urn: str, canonical: str) -> None:
    assert canonical_party(urn) == canonical
    assert canonical_party(canonical) == canonical


def test_persons_are_told_from_organisations() -> None:
    assert is_person("urn:altinn:person:identifier-no::08844397713")
    assert is_person("URN:altinn:person:idporten-email:kari@example.no")
    assert not is_person(f"{ORG}:310923044")
