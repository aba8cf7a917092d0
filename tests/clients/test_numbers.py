import pytest
from django.core.exceptions import ValidationError

from clients.forms import OrgnrField, OrgnrInput
from clients.templatetags.orgnr import orgnr


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("310495921", "310495921"),
        ("310 495 921", "310495921"),
        (" 310\u00a0495\u202f921\n", "310495921"),
        ("31049 5921", "310495921"),
        ("923609016", "923609016"),
        ("974760673", "974760673"),
        ("315010004", "315010004"),
    ],
)
def test_a_number_is_taken_however_it_is_spaced(written: str, number: str) -> None:
    assert OrgnrField().clean(written) == number


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "Feltet er påkrevet"),
        ("310495922", "Kontrollsifferet stemmer ikke"),
        ("310495912", "Kontrollsifferet stemmer ikke"),
        ("123456789", "Kontrollsifferet stemmer ikke"),
        ("000000001", "Kontrollsifferet stemmer ikke"),
        ("31049592", "Skriv ni siffer"),
        ("3104959211", "Skriv ni siffer"),
        ("310.495.921", "Skriv ni siffer"),
        ("31049592l", "Skriv ni siffer"),
        ("٣١٠٤٩٥٩٢١", "Skriv ni siffer"),
        ("01017012345", "aldri et fødselsnummer"),
        ("010170 12345", "aldri et fødselsnummer"),
    ],
)
def test_what_is_no_number_is_refused_with_a_sentence(written: str, said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        OrgnrField().clean(written)

    assert said in " ".join(refused.value.messages)
    assert "01017" not in " ".join(refused.value.messages)


def test_a_national_id_is_not_shown_again_in_its_field() -> None:
    assert "01017" not in OrgnrInput().render("orgnr", "010170 12345")
    assert "310495922" in OrgnrInput().render("orgnr", "310495922")


@pytest.mark.parametrize("hidden", [None, "", "01017012345", "310495922"])
def test_nothing_but_an_organisation_number_is_shown_as_one(hidden: str | None) -> None:
    assert orgnr(hidden) == ""


def test_a_number_is_shown_with_thin_spaces_that_do_not_break() -> None:
    assert orgnr("310495921") == "310\u202f495\u202f921"
