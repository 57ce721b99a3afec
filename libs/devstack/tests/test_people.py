"""People of a stack whose auth service wants addresses confirmed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from devstack.people import Person, SignInFailed
from devstack.stack import Stack, StackOptions

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder: Path = tmp_path_factory.mktemp("people")
    stack = Stack.start(StackOptions(folder, kinds=("auth",), mail=True))
    yield stack
    stack.stop()


async def test_address_that_is_taken_gives_nobody_a_session(stack: Stack) -> None:
    person = await Person.sign_up(stack.urls.auth)
    with pytest.raises(SignInFailed):
        await Person.sign_up(stack.urls.auth, email=person.email, password="another sentence here")


async def test_person_confirms_the_address_and_signs_in_again(stack: Stack) -> None:
    person = await Person.sign_up(stack.urls.auth)
    again = await Person.sign_in(stack.urls.auth, email=person.email)
    assert again.user_id == person.user_id
    assert stack.mailbox is not None
    [letter] = stack.mailbox.letters.all(person.email)
    assert letter.subject == "Confirm your address for taskchat"
