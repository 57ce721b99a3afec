"""Which release is tested, and where it is reached: read from the environment, in one place."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from tests.equipment.documents import ROOT


class WrongSetting(Exception):
    """A variable holds what cannot be used; the text names it and shows an example."""


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """Attributes: edge_url: under which people reach the release. edge_address: where its host is
    to be found, so that no DNS is needed; the port is that of the URL unless it is given.
    prometheus, jaeger: namespace and name of the Service. context: of KUBECONFIG; empty: its
    current one.
    """

    context: str
    namespace: str
    release: str
    edge_url: str
    edge_address: tuple[str, int]
    prometheus: tuple[str, str]
    jaeger: tuple[str, str]
    chart: Path = ROOT / "charts" / "taskchat"

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Take what is set, and the defaults of `make cluster-test` for the rest.

        Raises: WrongSetting: a value cannot be used.
        """
        edge_url = environment.get("TASKCHAT_EDGE_URL", "http://taskchat.localhost")
        address = environment.get("TASKCHAT_EDGE_ADDRESS", "127.0.0.1")
        return cls(
            context=environment.get("TASKCHAT_CONTEXT", ""),
            namespace=environment.get("TASKCHAT_NAMESPACE", "taskchat"),
            release=environment.get("TASKCHAT_RELEASE", "taskchat"),
            edge_url=edge_url,
            edge_address=_address(address, _port_of(edge_url)),
            prometheus=_service(environment, "TASKCHAT_PROMETHEUS", "observability/prometheus"),
            jaeger=_service(environment, "TASKCHAT_JAEGER", "observability/jaeger"),
        )


def _port_of(url: str) -> int:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path:
        raise WrongSetting(
            f"TASKCHAT_EDGE_URL is {url!r}: it must be an origin, as http://taskchat.localhost:30080"
        )
    return parts.port or (443 if parts.scheme == "https" else 80)


def _address(text: str, port: int) -> tuple[str, int]:
    host, colon, number = text.partition(":")
    if not host or (colon and not number.isdigit()):
        raise WrongSetting(
            f"TASKCHAT_EDGE_ADDRESS is {text!r}: it must be an IPv4 address or a name, with or"
            " without a port, as 127.0.0.1:30080"
        )
    return host, int(number) if colon else port


def _service(environment: Mapping[str, str], variable: str, default: str) -> tuple[str, str]:
    text = environment.get(variable, default)
    namespace, slash, name = text.partition("/")
    if not (namespace and slash and name):
        raise WrongSetting(f"{variable} is {text!r}: it must be namespace/service, as {default}")
    return namespace, name
