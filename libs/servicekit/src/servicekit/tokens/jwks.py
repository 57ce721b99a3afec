"""Keys: the auth service's public keys, cached so that its outage is not everybody's.

Fresh for 5 minutes, and asked for again in the last of them, behind the requests' backs. Keys that
are no longer fresh are used only after one try to have newer ones, so that a revoked key is refused
within `fresh_seconds` of its leaving the key set, in an idle process too. Once a try has failed,
nobody waits any more: the keys are served while one background refresh runs, for as long as a token
of before the outage can live (ADR 0029). An unknown kid causes one refetch that all who ask share,
at most one per 10 seconds, failures included. When no key was ever loaded (or the last good load is
too old) the answer is 503, not 401: nobody's token was judged.
"""

import asyncio
import logging
import time
from collections.abc import Callable

import httpx2
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from servicekit.problems import AuthUnavailable, Unauthenticated
from servicekit.telemetry.service_metrics import KeyMetrics
from servicekit.tokens.claims import parse_object

MAX_KEY_ID_LENGTH = 128
MAX_KEYS = 32
MAX_DOCUMENT_BYTES = 65_536
FETCH_TIMEOUT_SECONDS = 3.0
FRESH_SECONDS = 300.0
LEEWAY_SECONDS = 30.0
"""For how long a token is taken after its end (`TokenVerifier`)."""
AHEAD_SECONDS = 60.0
"""How long before keys are no longer fresh a request has them loaded anew, without waiting."""

_logger = logging.getLogger(__name__)


class UnknownKey(Unauthenticated):
    """No key of the auth service has this id."""


class _BadDocument(Exception):
    """The document is not a key set that we can use."""


def _usable_key(entry: object) -> tuple[str, OKPKey] | None:
    """Take a public Ed25519 signature key; leave any other kind alone.

    Source: RFC 8037 section 2 (OKP, Ed25519); RFC 7517 sections 4.2 and 4.3 (use, key_ops).
    """
    if not isinstance(entry, dict):
        return None
    key_id = entry.get("kid")
    if not isinstance(key_id, str) or not 0 < len(key_id) <= MAX_KEY_ID_LENGTH:
        return None
    if entry.get("kty") != "OKP" or entry.get("crv") != "Ed25519" or "d" in entry:
        return None
    if entry.get("use", "sig") != "sig" or entry.get("alg", "EdDSA") not in ("EdDSA", "Ed25519"):
        return None
    operations = entry.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        return None
    try:
        return key_id, OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": entry["x"]})
    except (JoseError, KeyError, ValueError, TypeError):
        return None


def parse_key_set(document: bytes) -> dict[str, OKPKey]:
    """Read a JWKS: the keys that we can verify with, by kid.

    Raises: ValueError: not a key set, too many keys, two keys with one kid, or no usable key.
    """
    entries = parse_object(document).get("keys")
    if not isinstance(entries, list) or len(entries) > MAX_KEYS:
        raise ValueError("not a list of at most 32 keys")
    usable = [found for entry in entries if (found := _usable_key(entry)) is not None]
    keys = dict(usable)
    if not keys or len(keys) != len(usable):
        raise ValueError("no usable key, or two with one kid")
    return keys


class JwksCache:
    """The auth service's keys. One per process, made and closed with the client in the lifespan.

    Args: url: of the JWKS. client: pooled; its own redirect setting is overruled (never followed).
        token_lifetime_seconds: how long after they stopped being fresh keys are served while newer
        ones cannot be had, with the leeway. fresh_seconds, cooldown_seconds: see the module.
        clock: monotonic seconds. metrics: shown the age of the keys and failed refreshes.
    """

    def __init__(
        self,
        url: str,
        client: httpx2.AsyncClient,
        *,
        fresh_seconds: float = FRESH_SECONDS,
        token_lifetime_seconds: float = 300,
        cooldown_seconds: float = 10,
        clock: Callable[[], float] = time.monotonic,
        metrics: KeyMetrics | None = None,
    ) -> None:
        self._url = url
        self._client = client
        self._fresh_seconds = fresh_seconds
        self._stale_seconds = fresh_seconds + token_lifetime_seconds + LEEWAY_SECONDS
        self._cooldown_seconds = cooldown_seconds
        self._clock = clock
        self._keys: dict[str, OKPKey] = {}
        self._loaded_at = float("-inf")
        self._tried_at = float("-inf")
        self._failing = False
        self._fetching: asyncio.Task[None] | None = None
        self._metrics = metrics
        if metrics is not None:
            metrics.watch(self._age)

    @property
    def loaded(self) -> bool:
        """Whether there are keys that may still be used."""
        return self._age() < self._stale_seconds

    async def load(self) -> None:
        """Try to have keys before the first request; a failure is logged, not raised."""
        await self._refetch()

    async def key(self, kid: str) -> OKPKey:
        """Return the public key with this id.

        Raises: UnknownKey (401): the auth service publishes no such key.
            AuthUnavailable (503): no usable key was ever loaded, or too long ago.
        """
        if not self._failing and self.loaded and self._age() >= self._fresh_seconds:
            # Nobody asked for a while. A key may have been revoked meanwhile.
            await self._refetch()
        key = self._keys.get(kid)
        if key is not None and self.loaded:
            if self._age() >= self._fresh_seconds - AHEAD_SECONDS and self._may_fetch():
                self._start_fetch()
            return key
        if self._fetching is not None or self._may_fetch():
            await self._refetch()
            key = self._keys.get(kid)
        if not self.loaded:
            raise AuthUnavailable(
                "The keys that tokens are checked with cannot be loaded; try again shortly.",
                retry_after_seconds=self._cooldown_seconds,
            )
        if key is None:
            raise UnknownKey("The token was signed with a key that is not known.")
        return key

    async def close(self) -> None:
        """End a refresh that is still under way."""
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.wait([self._fetching])

    def _age(self) -> float:
        return self._clock() - self._loaded_at

    def _may_fetch(self) -> bool:
        return self._fetching is None and self._clock() - self._tried_at >= self._cooldown_seconds

    def _start_fetch(self) -> asyncio.Task[None]:
        self._tried_at = self._clock()
        task = asyncio.create_task(self._fetch(), name="jwks refresh")
        self._fetching = task
        task.add_done_callback(self._fetch_ended)
        return task

    def _fetch_ended(self, task: asyncio.Task[None]) -> None:
        self._fetching = None
        if not task.cancelled() and (error := task.exception()) is not None:
            _logger.error("JWKS refresh broke", exc_info=error)

    async def _refetch(self) -> None:
        """Join the fetch under way or start one; a caller that gives up does not end it."""
        task = self._fetching or self._start_fetch()
        await asyncio.wait([task])

    async def _fetch(self) -> None:
        try:
            async with asyncio.timeout(FETCH_TIMEOUT_SECONDS):
                document = await self._download()
            keys = parse_key_set(document)
        except (httpx2.HTTPError, TimeoutError, _BadDocument, ValueError) as error:
            _logger.warning("failed to load the JWKS", extra={"error_type": type(error).__name__})
            self._failing = True
            if self._metrics is not None:
                self._metrics.refresh_failed()
            return
        self._keys, self._loaded_at, self._failing = keys, self._clock(), False

    async def _download(self) -> bytes:
        async with self._client.stream("GET", self._url, follow_redirects=False) as response:
            if response.status_code != httpx2.codes.OK:
                raise _BadDocument
            document = bytearray()
            async for chunk in response.aiter_bytes():
                document += chunk
                if len(document) > MAX_DOCUMENT_BYTES:
                    raise _BadDocument
            return bytes(document)
