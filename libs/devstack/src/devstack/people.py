"""A person who signs up and chats, as a client of the public endpoints does."""

import base64
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID, uuid4

import httpx2

from devstack.deployment import DEFAULT_ORIGIN

# A token is fetched again when it has less left than one turn may take.
RENEW_BEFORE_SECONDS = 60.0
PASSWORD = "correct horse battery staple"
SIGN_IN = "/api/auth/sign-in/email"
SIGN_IN_LIMIT_SECONDS = 15.0
# Longer than any turn's deadline: the answer is the gateway's to give, not the client's.
CHAT_LIMIT_SECONDS = 90.0


class SignInFailed(Exception):
    """The auth service did not let a person in; `status` and message are its answer.

    `retry_after_seconds` is how long it asked to wait, 0 when it did not.
    """

    def __init__(self, path: str, answer: httpx2.Response) -> None:
        super().__init__(f"{path} answered {answer.status_code}: {answer.text[:300]}")
        self.status = answer.status_code
        self.retry_after_seconds = int(answer.headers.get("retry-after", "0"))


@dataclass(frozen=True)
class Jwt:
    """A token and when it runs out (seconds since the epoch), read without verification."""

    text: str
    subject: UUID
    expires_at: float


class Person:
    """Somebody with an account, a session and a token that is never about to run out.

    `auth_url` and `client` may be exchanged: the session is good wherever the service is reached.
    """

    def __init__(
        self,
        auth_url: str,
        email: str,
        session: str,
        jwt: Jwt,
        origin: str,
        client: httpx2.AsyncClient | None = None,
    ) -> None:
        self.auth_url = auth_url
        self.email = email
        self.user_id = jwt.subject
        self.origin = origin
        self.client = client
        self._session = session
        self._jwt = jwt

    @classmethod
    async def sign_up(
        cls,
        auth_url: str,
        *,
        email: str | None = None,
        password: str = PASSWORD,
        origin: str = DEFAULT_ORIGIN,
        client: httpx2.AsyncClient | None = None,
    ) -> "Person":
        """Make an account and sign in with it.

        Args: auth_url: base URL. email: a new one when not given. origin: of the page that the
            person uses; sent with every request. client: one for all requests of this person,
            closed by the caller; without it each opens a connection of its own.
        Where the address must be confirmed, the link is taken from the mailbox of `make run`.

        Raises: SignInFailed: it was refused, or its mail has gone elsewhere.
        """
        email = email or f"person-{uuid4().hex}@example.com"
        body = {"email": email, "password": password, "name": "Person"}
        return await cls._enter(auth_url, "/api/auth/sign-up/email", body, origin, client)

    @classmethod
    async def sign_in(
        cls, auth_url: str, *, email: str, password: str = PASSWORD, origin: str = DEFAULT_ORIGIN
    ) -> "Person":
        """Sign in to an account that is there.

        Raises: SignInFailed: no such account, or another password.
        """
        body = {"email": email, "password": password}
        return await cls._enter(auth_url, SIGN_IN, body, origin)

    async def token(self, good_for_seconds: float = RENEW_BEFORE_SECONDS) -> str:
        """A JWT that is good for at least so long; a minute, unless told otherwise."""
        if self._jwt.expires_at - time.time() < good_for_seconds:
            async with _opened(self.client) as client:
                self._jwt = await _fetch_jwt(client, self.auth_url, self._session, self.origin)
        return self._jwt.text

    async def headers(self) -> dict[str, str]:
        """What every request of this person to the gateway carries."""
        return {"Authorization": f"Bearer {await self.token()}", "Origin": self.origin}

    def chat_url(self, gateway_url: str) -> str:
        """The one endpoint, for this person."""
        return f"{gateway_url}/api/{self.user_id}/chat"

    async def chat(
        self,
        gateway_url: str,
        message: str,
        conversation_id: str | UUID | None = None,
        idempotency_key: str | None = None,
        *,
        client: httpx2.AsyncClient | None = None,
    ) -> httpx2.Response:
        """Send one message and return the gateway's answer, whatever its status.

        Args: client: one to use again; without it the person's, or a new one for this call.
        """
        headers = await self.headers()
        if idempotency_key is not None:
            headers["Idempotency-Key"] = idempotency_key
        conversation = None if conversation_id is None else str(conversation_id)
        body = {"message": message, "conversation_id": conversation}
        url = self.chat_url(gateway_url)
        async with _opened(client or self.client) as opened:
            return await opened.post(url, json=body, headers=headers, timeout=CHAT_LIMIT_SECONDS)

    @classmethod
    async def _enter(
        cls,
        auth_url: str,
        path: str,
        body: dict[str, str],
        origin: str,
        kept: httpx2.AsyncClient | None = None,
    ) -> "Person":
        async with _opened(kept) as client:
            headers = {"Origin": origin}
            answer = await client.post(f"{auth_url}{path}", json=body, headers=headers)
            if _needs_mail(answer):
                await _confirm(client, auth_url, body["email"], origin, answer)
                path = SIGN_IN
                answer = await client.post(f"{auth_url}{path}", json=body, headers=headers)
            session = answer.headers.get("set-auth-token")
            if answer.status_code != httpx2.codes.OK or session is None:
                raise SignInFailed(path, answer)
            jwt = await _fetch_jwt(client, auth_url, session, origin)
        return cls(auth_url, body["email"], session, jwt, origin, kept)


@asynccontextmanager
async def _opened(kept: httpx2.AsyncClient | None) -> AsyncIterator[httpx2.AsyncClient]:
    """The client that is kept, or one for this block."""
    if kept is not None:
        yield kept
        return
    # trust_env off: a proxy of the environment has no business with localhost.
    async with httpx2.AsyncClient(trust_env=False, timeout=SIGN_IN_LIMIT_SECONDS) as client:
        yield client


def _needs_mail(answer: httpx2.Response) -> bool:
    """Whether a sign-up or sign-in waits for the confirmation of its address."""
    if answer.status_code == httpx2.codes.FORBIDDEN:
        return bool(answer.json().get("code") == "EMAIL_NOT_VERIFIED")
    return answer.status_code == httpx2.codes.OK and "set-auth-token" not in answer.headers


async def _confirm(
    client: httpx2.AsyncClient, auth_url: str, email: str, origin: str, answer: httpx2.Response
) -> None:
    """Open the link of the mail, as a person does; ask for it first where none was sent just now.

    Args: answer: of the sign-up or sign-in that needs it.
    Raises: SignInFailed: with that answer, where no mailbox is there to read.
    """
    path = answer.request.url.path
    options = (await client.get(f"{auth_url}/api/auth/options")).json()
    if options["mailboxUrl"] is None:
        raise SignInFailed(path, answer)
    if path == SIGN_IN:
        body, headers = {"email": email}, {"Origin": origin}
        url = f"{auth_url}/api/auth/send-verification-email"
        await client.post(url, json=body, headers=headers)
    link = await client.get(f"{options['mailboxUrl']}/link", params={"to": email})
    # The newest mail may say that the address has an account already.
    if link.status_code != httpx2.codes.OK or "/verify-email?" not in link.text:
        raise SignInFailed(path, answer)
    opened = await client.get(link.text.strip())
    if opened.status_code != httpx2.codes.FOUND:
        raise SignInFailed(path, opened)


async def _fetch_jwt(client: httpx2.AsyncClient, auth_url: str, session: str, origin: str) -> Jwt:
    headers = {"Authorization": f"Bearer {session}", "Origin": origin}
    answer = await client.get(f"{auth_url}/api/auth/token", headers=headers)
    if answer.status_code != httpx2.codes.OK:
        raise SignInFailed("/api/auth/token", answer)
    text: str = answer.json()["token"]
    payload = text.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return Jwt(text=text, subject=UUID(claims["sub"]), expires_at=float(claims["exp"]))
