"""What is called of that which a stranger has written into a dialog, and what never.

The resolver is a fake, and the canaries are on loopback: no packet leaves the machine.
"""

import socket

import pytest

from altinn.outside import NotReached, Outside, Unsafe

from .fetching import NAMED, Names, fetch, hello
from .serving import serving

PUBLIC = ("93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946")
HOSTS = frozenset({"platform.altinn.no", "sykepenger-api.nav.no"})

NOT_PUBLIC = [
    "127.0.0.1",
    "127.8.9.10",
    "0.0.0.0",  # noqa: S104 -- nothing is bound to it
    "10.0.0.5",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",  # carrier-grade NAT
    "100.100.100.200",  # a cloud's metadata
    "169.254.1.1",
    "169.254.169.254",  # most clouds' metadata
    "168.63.129.16",  # a cloud's own host
    "192.0.0.192",  # a cloud's metadata
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.7",
    "192.88.99.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:93.184.216.34",
    "64:ff9b::7f00:1",  # NAT64
    "64:ff9b::a9fe:a9fe",
    "64:ff9b::5db8:d822",
    "64:ff9b:1::7f00:1",
    "100::1",
    "2001::7f00:1",  # Teredo
    "2001:db8::1",
    "2002:7f00:1::",  # 6to4
    "2002:a9fe:a9fe::1",
    "2002:5db8:d822::1",
    "fc00::1",
    "fd00:ec2::254",  # a cloud's metadata
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "127.1",
    "0x7f.0.0.1",
    "2130706433",
    "0177.0.0.1",
    "localhost",
    "",
]

REFUSED = [
    "",
    " ",
    "platform.altinn.no",
    "//platform.altinn.no/x",
    "/x",
    "http://platform.altinn.no/x",
    "HTTP://platform.altinn.no/x",
    "ftp://platform.altinn.no/x",
    "ws://platform.altinn.no/x",
    "file:///etc/passwd",
    "gopher://platform.altinn.no/x",
    "urn:dialogporten:unauthorized",
    "urn:dialogporten:expired",
    "data:text/html,<script>alert(1)</script>",
    "data:application/pdf;base64,JVBERi0=",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)//platform.altinn.no",
    "blob:https://platform.altinn.no/1",
    "vbscript:x",
    "https:platform.altinn.no/x",
    "https:///x",
    "https://",
    "https://[",
    "https://[::1",
    "https://[::1]/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://localhost/",
    "https://169.254.169.254/latest/meta-data",
    "https://[::ffff:127.0.0.1]/",
    "https://evil.example/",
    "https://evil.example/?https://platform.altinn.no/",
    "https://evil.example#platform.altinn.no",
    "https://platform.altinn.no.evil.example/",
    "https://evil-platform.altinn.no/",
    "https://x.platform.altinn.no/",
    "https://altinn.no/",
    "https://platform.altinn.no./x",
    "https://.platform.altinn.no/x",
    "https://platform..altinn.no/x",
    "https://kari@platform.altinn.no/x",
    "https://kari:hemmelig@platform.altinn.no/x",
    "https://@platform.altinn.no/x",
    "https://platform.altinn.no@evil.example/x",
    "https://platform.altinn.no%40evil.example/x",
    "https://platform.altinn.no\\@evil.example/x",
    "https://evil.example\\@platform.altinn.no/x",
    "https://platform.altinn.no\\x",
    "https:\\\\platform.altinn.no/x",
    "https://platform.altinn.no:8443/x",
    "https://platform.altinn.no:80/x",
    "https://platform.altinn.no:0/x",
    "https://platform.altinn.no:443443/x",
    "https://platform.altinn.no:x/x",
    "https://platform.altinn.no:-1/x",
    "https://platform.altinn.no :443/x",
    " https://platform.altinn.no/x",
    "https://platform.altinn.no/x ",
    "https://platform.altinn.no/x y",
    "https://platform.altinn.no/x\ty",
    "ht\ntps://platform.altinn.no/x",
    "https://platform.altinn.no/x\r\nX-Injected: 1",
    "https://platform.altinn.no/\x00",
    "https://pl\u0430tform.altinn.no/x",  # a Cyrillic а
    "https://platform.altinn.n\u043e/x",  # a Cyrillic о
    "https://platform\u3002altinn\u3002no/x",  # full stops of another script
    "https://ｐlatform.altinn.no/x",
    "https://platform.alt\u200binn.no/x",
    "https://platform.altinn\u00ad.no/x",
    "https://xn--pltform-6fg.altinn.no/x",
    "https://platform.altinn.no\u2044evil.example/x",
    "https://evil.example\u2100/x",
]


@pytest.mark.parametrize("url", REFUSED)
def test_nothing_is_sent_to_an_address_that_is_not_ours(url: str, dialled: list[str]) -> None:
    names = Names(["93.184.216.34"])

    with pytest.raises(Unsafe):
        fetch(Outside(HOSTS, names), url)

    assert names.asked == []
    assert dialled == []


@pytest.mark.parametrize(
    "url",
    [
        "https://platform.altinn.no/x",
        "https://platform.altinn.no",
        "https://platform.altinn.no:443/x?a=b#c",
        "HTTPS://PLATFORM.ALTINN.NO/x",
        "https://platform.altinn.no/fil%20æ.pdf",
        "https://sykepenger-api.nav.no/v1/sykmelding/1/pdf",
    ],
)
def test_an_address_on_an_allow_listed_host_is_called_as_it_stands(url: str) -> None:
    assert Outside(HOSTS).check(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "https://platform.altinn.no/\x7f",
        "https://platform.altinn.no/\ud800",
        f"https://platform.altinn.no/{'x' * 70_000}",
    ],
    ids=["delete", "surrogate", "long"],
)
def test_what_is_no_address_after_all_is_refused_before_anybody_is_asked(
    url: str, dialled: list[str]
) -> None:
    with pytest.raises(Unsafe):
        fetch(Outside(HOSTS, Names([PUBLIC[0]])), url)

    assert dialled == []


def test_a_sign_that_lowers_to_a_letter_leads_to_the_letters_host(dialled: list[str]) -> None:
    names = Names([PUBLIC[0]])

    with pytest.raises((NotReached, Unsafe)):
        fetch(Outside(HOSTS, names), "https://sy\u212aepenger-api.nav.no/x")  # a Kelvin sign

    assert set(names.asked) <= {"sykepenger-api.nav.no"}


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_a_name_that_leads_inside_is_not_followed(address: str, dialled: list[str]) -> None:
    outside = Outside(frozenset({NAMED}), Names([address]))

    with pytest.raises(Unsafe, match="private network"):
        fetch(outside, f"https://{NAMED}/x")

    assert dialled == []


@pytest.mark.parametrize("inside", ["127.0.0.1", "::1", "10.0.0.1"])
def test_one_address_inside_among_others_is_enough(inside: str, dialled: list[str]) -> None:
    for addresses in ([PUBLIC[0], inside], [inside, PUBLIC[0]]):
        with pytest.raises(Unsafe):
            fetch(Outside(frozenset({NAMED}), Names(addresses)), f"https://{NAMED}/x")

    assert dialled == []


@pytest.mark.parametrize("address", PUBLIC)
def test_the_very_address_that_was_found_harmless_is_connected_to(
    address: str, dialled: list[str]
) -> None:
    with pytest.raises(NotReached):
        fetch(Outside(frozenset({NAMED}), Names([address])), f"https://{NAMED}/x")

    assert dialled == [address]


def test_a_name_that_changes_its_mind_between_check_and_use_gains_nothing(
    dialled: list[str],
) -> None:
    with serving(hello) as canary:
        port = canary.host.partition(":")[2]
        host = f"{NAMED}:{port}"
        names = Names([PUBLIC[0]], ["127.0.0.1"])

        with pytest.raises(NotReached):
            fetch(Outside(frozenset({host}), names), f"https://{host}/x")

        assert names.asked == [NAMED]
        assert dialled == [PUBLIC[0]]
        with pytest.raises(Unsafe):  # and when asked again, it is checked again
            fetch(Outside(frozenset({host}), names), f"https://{host}/x")
        assert canary.connections == 0


def test_the_next_address_is_tried_when_one_takes_no_calls(dialled: list[str]) -> None:
    with pytest.raises(NotReached):
        fetch(Outside(frozenset({NAMED}), Names(list(PUBLIC))), f"https://{NAMED}/x")

    assert dialled == list(PUBLIC)


def test_this_machines_own_name_must_lead_to_this_machine(dialled: list[str]) -> None:
    outside = Outside(frozenset({"localhost:8900"}), Names(["10.0.0.1"]))

    with pytest.raises(Unsafe):
        fetch(outside, "http://localhost:8900/x")

    assert dialled == []


def test_an_unknown_name_is_not_reached(dialled: list[str]) -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(NotReached):
        fetch(Outside(frozenset({NAMED}), unknown), f"https://{NAMED}/x")
    with pytest.raises(NotReached):
        fetch(Outside(frozenset({NAMED}), Names([])), f"https://{NAMED}/x")
