"""TLS at the edge, by the chart's own manifests: an own Gateway with a certificate of the tests.

No service stands behind it: what is asked for here is refused or redirected, over TLS.
"""

import base64
import ssl
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.cluster.equipment.edge import Edge
from tests.cluster.equipment.own_edge import OwnEdge, own_edge
from tests.cluster.equipment.release import Release

HOST = "secure.localhost"
NAMESPACE = "taskchat-tls"
SECRET = "edge-tls"
VALUES = {
    "publicUrl": f"https://{HOST}",
    "chatGateway": {"existingSecret": "none"},
    "mcpTools": {"existingSecret": "none"},
    "auth": {"existingSecret": "none"},
    "migrations": {"existingSecret": "none"},
    "edge": {
        "hosts": [HOST],
        "tls": {"existingSecret": SECRET},
        "proxy": {
            "replicas": 1,
            "service": {"type": "ClusterIP"},
            "resources": {"requests": {"cpu": "10m", "memory": "64Mi"}},
        },
    },
}
Client = Callable[[str], httpx2.AsyncClient]


def certificate() -> tuple[bytes, bytes]:
    """Certificate and key in PEM, for HOST, for an hour, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    return signed.public_bytes(serialization.Encoding.PEM), key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes, bytes]:
    """The certificate as a file that clients trust, and both as bytes."""
    trusted, key = certificate()
    path = tmp_path_factory.mktemp("tls") / "trusted.pem"
    path.write_bytes(trusted)
    return path, trusted, key


@pytest.fixture(scope="module")
async def secure(release: Release, pem: tuple[Path, bytes, bytes]) -> AsyncIterator[OwnEdge]:
    _, trusted, key = pem
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": SECRET},
        "type": "kubernetes.io/tls",
        "data": {
            "tls.crt": base64.b64encode(trusted).decode(),
            "tls.key": base64.b64encode(key).decode(),
        },
    }
    async with own_edge(release, NAMESPACE, VALUES, secret) as edge:
        yield edge


def trusting(path: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(path))
    # The certificate is its own authority, which strict checking would not have.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


async def ask(
    port: int,
    context: ssl.SSLContext | None,
    *,
    host: str = HOST,
    server_name: str | None = None,
    method: str = "GET",
    headers: dict[str, str] | None = None,
) -> httpx2.Response:
    """A request for the chat path by the address of this machine, under any name."""
    scheme = "http" if context is None else "https"
    async with httpx2.AsyncClient(verify=context or False, trust_env=False, timeout=15) as client:
        return await client.request(
            method,
            f"{scheme}://127.0.0.1:{port}/api/somebody/chat?secret=1",
            headers={"Host": host, **(headers or {})},
            extensions={"sni_hostname": server_name or HOST},
        )


async def test_plain_http_is_sent_to_https_and_learns_nothing(secure: OwnEdge) -> None:
    response = await ask(secure.http_port, None, method="POST")

    assert response.status_code == 308
    assert response.headers["location"] == f"https://{HOST}/api/somebody/chat?secret=1"
    assert response.content == b""


async def test_plain_http_of_another_host_is_sent_nowhere(secure: OwnEdge) -> None:
    response = await ask(secure.http_port, None, host="evil.example")

    assert response.status_code == 421
    assert "location" not in response.headers
    assert response.json()["code"] == "misdirected_request"


async def test_certificate_of_another_name_is_not_believed(
    secure: OwnEdge, pem: tuple[Path, bytes, bytes]
) -> None:
    with pytest.raises(httpx2.ConnectError, match="certificate"):
        await ask(secure.https_port, trusting(pem[0]), server_name="evil.example")


async def test_client_that_trusts_others_does_not_connect(secure: OwnEdge) -> None:
    with pytest.raises(httpx2.ConnectError, match="certificate"):
        await ask(secure.https_port, ssl.create_default_context())


async def test_older_tls_is_refused(secure: OwnEdge, pem: tuple[Path, bytes, bytes]) -> None:
    old = trusting(pem[0])
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning):
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1

    with pytest.raises(httpx2.ConnectError):
        await ask(secure.https_port, old)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_stranger_is_refused_over_tls_as_without(
    secure: OwnEdge, pem: tuple[Path, bytes, bytes], version: ssl.TLSVersion
) -> None:
    context = trusting(pem[0])
    context.minimum_version = context.maximum_version = version

    response = await ask(
        secure.https_port, context, method="POST", headers={"Origin": "https://evil.example"}
    )

    assert response.status_code == 403
    assert response.json()["code"] == "origin_not_allowed"
    assert response.headers["strict-transport-security"] == "max-age=31536000"


async def test_plain_origin_of_the_same_host_is_another_one(
    secure: OwnEdge, pem: tuple[Path, bytes, bytes]
) -> None:
    response = await ask(
        secure.https_port, trusting(pem[0]), method="POST", headers={"Origin": f"http://{HOST}"}
    )

    assert response.json()["code"] == "origin_not_allowed"


async def test_other_host_over_tls_is_told_so(
    secure: OwnEdge, pem: tuple[Path, bytes, bytes]
) -> None:
    response = await ask(secure.https_port, trusting(pem[0]), host="evil.example")

    assert response.status_code == 421


async def test_listed_origin_over_tls_gets_to_the_token(
    secure: OwnEdge, pem: tuple[Path, bytes, bytes]
) -> None:
    """The twin of the refused ones."""
    response = await ask(
        secure.https_port, trusting(pem[0]), method="POST", headers={"Origin": f"https://{HOST}"}
    )

    assert response.status_code == 401
    assert response.json()["code"] == "unauthenticated"


async def test_release_without_tls_answers_without(edge: Edge) -> None:
    """What the cluster of development has: plain HTTP, no redirect, nobody bound to HTTPS."""
    if edge.url.startswith("https://"):
        pytest.skip("the tested release has TLS itself")
    async with edge.client() as client:
        response = await client.get(f"{edge.url}/api/auth/jwks")

    assert response.status_code == 200
    assert "strict-transport-security" not in response.headers
