"""A model's endpoint that is asked for its list and for a word, and says what the test wants."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from aiohttp import web
from chat_gateway.settings import ModelSettings
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

KEY = "AIza-the-secret-key"
BASE = "/v1beta/openai"
MODEL = "gemini-flash-latest"
FALLBACK = "gemini-flash-lite-latest"
LISTED = (
    "models/gemini-2.5-flash", "models/gemini-2.5-flash-lite", "models/gemini-3.8-flash",
    "models/gemini-3.8-flash-image", "models/gemini-flash-latest",
    "models/gemini-flash-lite-latest", "models/text-embedding-9",
)  # fmt: skip


@dataclass(frozen=True)
class Said:
    """An answer of the endpoint."""

    status: int
    body: bytes
    content_type: str = "application/json"


def google(status: int, message: str, name: str, **details: Any) -> Said:
    """A refusal as Gemini's compatible endpoint sends it. It quotes the key and what was asked."""
    error = {"code": status, "message": f"{message} {KEY}, Say OK.", "status": name}
    return Said(status, orjson.dumps([{"error": error | details}]))


def bare(status: int, **error: Any) -> Said:
    """A refusal as a gateway in between sends it."""
    return Said(status, orjson.dumps({"error": error}))


COMPLETION = Said(
    200,
    orjson.dumps({"choices": [{"index": 0, "finish_reason": "length", "message": {}}]}),
)
MODEL_LIST = Said(200, orjson.dumps({"object": "list", "data": [{"id": one} for one in LISTED]}))


NOT_FOUND = Said(404, b"<html>404</html>", "text/html")
WRONG_KEY = google(
    400,
    "API key not valid. Please pass a valid API key.",
    "INVALID_ARGUMENT",
    details=[{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}],
)
RETIRED = google(
    404,
    "This model models/gemini-2.5-flash is no longer available to new users. Please update your "
    "code to use models/gemini-3.6-flash for the latest features and improvements.",
    "NOT_FOUND",
)
UNKNOWN = google(
    404,
    "models/x is not found for API version v1beta, or is not supported for generateContent. Call "
    "ListModels to see the list of available models and their supported methods.",
    "NOT_FOUND",
)
NO_QUOTA = google(
    429,
    "You exceeded your current quota.\n* Quota exceeded for metric: generativelanguage.googleapis"
    ".com/generate_content_free_tier_requests, limit: 0, model: x\nPlease retry in 10.9s.",
    "RESOURCE_EXHAUSTED",
)
QUOTA_VALUE = google(
    429,
    "You exceeded your current quota.",
    "RESOURCE_EXHAUSTED",
    details=[{"violations": [{"quotaId": "GenerateRequestsPerDay-FreeTier", "quotaValue": "0"}]}],
)
OUT_FOR_TODAY = google(
    429,
    "Quota exceeded, limit: 20, model: x. Please retry in 0.5s.",
    "RESOURCE_EXHAUSTED",
    details=[{"violations": [{"quotaId": "GenerateRequestsPerDay-FreeTier", "quotaValue": "20"}]}],
)


@dataclass
class Endpoint:
    """Says for each model what the test wants it to say; every other one answers."""

    url: str = ""
    listed: Said = MODEL_LIST
    says: dict[str, Said] = field(default_factory=dict)
    hangs: frozenset[str] = frozenset()
    asked: list[dict[str, Any]] = field(default_factory=list)

    async def chat(self, request: web.Request) -> web.Response:
        assert request.headers["authorization"] == f"Bearer {KEY}"
        body = orjson.loads(await request.read())
        self.asked.append(body)
        if body["model"] in self.hangs:
            await asyncio.Event().wait()
        return _sent(self.says.get(body["model"], COMPLETION))

    async def models(self, _: web.Request) -> web.Response:
        if "models" in self.hangs:
            await asyncio.Event().wait()
        return _sent(self.listed)


def _sent(said: Said) -> web.Response:
    return web.Response(body=said.body, status=said.status, content_type=said.content_type)


@asynccontextmanager
async def served(endpoint: Endpoint, tls: ssl.SSLContext | None = None) -> AsyncIterator[Endpoint]:
    app = web.Application()
    app.router.add_post(f"{BASE}/chat/completions", endpoint.chat)
    app.router.add_get(f"{BASE}/models", endpoint.models)
    runner = web.AppRunner(app, shutdown_timeout=0, access_log=None, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
    scheme = "http" if tls is None else "https"
    endpoint.url = f"{scheme}://127.0.0.1:{runner.addresses[0][1]}{BASE}/"
    try:
        yield endpoint
    finally:
        await runner.cleanup()


def settings(url: str, **changes: str) -> ModelSettings:
    """Settings that ask this endpoint with a key and two models."""
    given = {
        "gemini_api_key": KEY,
        "gemini_model": MODEL,
        "gemini_fallback_model": FALLBACK,
        "gemini_base_url": url,
    }
    return ModelSettings.model_validate({**given, **changes})


def own_certificate(folder: Path) -> ssl.SSLContext:
    """TLS of a server whose certificate nobody has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "both.pem").write_bytes(
        private + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    return context
