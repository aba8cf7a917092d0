from collections.abc import Iterator

import pytest

from sandbox.serving import Serving, serve
from tests.sandbox.kit import Portal, Receiver, receiver
from tests.sandbox.newcomer import Newcomer


@pytest.fixture(scope="session")
def served() -> Iterator[Serving]:
    with serve(world="small") as serving:
        yield serving


@pytest.fixture
def portal(served: Serving) -> Iterator[Portal]:
    found = Portal(served.url)
    yield found
    found.http.close()


@pytest.fixture
def newcomer(served: Serving) -> Iterator[Newcomer]:
    found = Newcomer(served.url)
    yield found
    found.http.close()


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver() as found:
        yield found
