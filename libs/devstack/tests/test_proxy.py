"""The proxies that tests break the system with."""

import http.server
import threading
from collections.abc import Iterator

import httpx2
import pytest
from devstack.ports import free_port
from devstack.proxy import OutageProxy, RoundRobinProxy


class NamedServer(http.server.ThreadingHTTPServer):
    """Answers each request with its own name and the request's body."""

    def __init__(self, name: str) -> None:
        super().__init__(("127.0.0.1", 0), Echo)
        self.name = name
        self.url = f"http://127.0.0.1:{self.server_port}"


class Echo(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        assert isinstance(self.server, NamedServer)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("X-Server", self.server.name)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def servers() -> Iterator[tuple[NamedServer, NamedServer]]:
    both = (NamedServer("first"), NamedServer("second"))
    threads = [threading.Thread(target=server.serve_forever, args=(0.01,)) for server in both]
    for thread in threads:
        thread.start()
    yield both
    for server, thread in zip(both, threads, strict=True):
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def client() -> Iterator[httpx2.Client]:
    with httpx2.Client(trust_env=False, timeout=5) as client:
        yield client


def ask(client: httpx2.Client, url: str, body: str = "hello") -> str:
    answer = client.post(url, content=body)
    assert answer.text == body
    return answer.headers["X-Server"]


def test_requests_of_one_client_go_to_the_targets_in_turn(
    servers: tuple[NamedServer, NamedServer], client: httpx2.Client
) -> None:
    with RoundRobinProxy([server.url for server in servers]) as proxy:
        asked = [ask(client, proxy.url) for _ in range(4)]
    assert asked == ["first", "second", "first", "second"]


def test_body_larger_than_one_chunk_arrives_whole(
    servers: tuple[NamedServer, NamedServer], client: httpx2.Client
) -> None:
    with RoundRobinProxy([servers[0].url]) as proxy:
        assert ask(client, proxy.url, "x" * 1_000_000) == "first"


def test_target_that_is_down_is_passed_over(
    servers: tuple[NamedServer, NamedServer], client: httpx2.Client
) -> None:
    nothing = f"http://127.0.0.1:{free_port()}"
    with RoundRobinProxy([nothing, servers[1].url]) as proxy:
        assert [ask(client, proxy.url) for _ in range(3)] == ["second"] * 3


def test_no_target_left_is_a_broken_connection(client: httpx2.Client) -> None:
    nothing = f"http://127.0.0.1:{free_port()}"
    with RoundRobinProxy([nothing]) as proxy, pytest.raises(httpx2.TransportError):
        ask(client, proxy.url)


def test_outage_refuses_connections_until_it_is_over(
    servers: tuple[NamedServer, NamedServer], client: httpx2.Client
) -> None:
    with OutageProxy(servers[0].server_port) as proxy:
        assert ask(client, proxy.url) == "first"
        proxy.stop()
        with pytest.raises(httpx2.ConnectError):
            ask(client, proxy.url)
        proxy.resume()
        assert ask(client, proxy.url) == "first"


def test_held_bytes_arrive_when_the_hold_ends(
    servers: tuple[NamedServer, NamedServer], client: httpx2.Client
) -> None:
    with OutageProxy(servers[0].server_port) as proxy:
        proxy.hold()
        with pytest.raises(httpx2.ReadTimeout):
            client.post(proxy.url, content="held", timeout=0.1)
        answers: list[str] = []
        caller = threading.Thread(target=lambda: answers.append(ask(client, proxy.url)))
        caller.start()
        proxy.resume()
        caller.join(5)
        assert answers == ["first"]


def test_cut_breaks_what_is_open_and_lets_new_connections_through(
    servers: tuple[NamedServer, NamedServer], client: httpx2.Client
) -> None:
    with OutageProxy(servers[0].server_port) as proxy:
        proxy.hold()
        broken: list[Exception] = []

        def call() -> None:
            try:
                ask(client, proxy.url)
            except httpx2.TransportError as error:
                broken.append(error)

        caller = threading.Thread(target=call)
        caller.start()
        while not proxy.connections:
            assert caller.is_alive()
        proxy.cut()
        caller.join(5)
        assert len(broken) == 1
        proxy.resume()
        assert ask(client, proxy.url) == "first"
