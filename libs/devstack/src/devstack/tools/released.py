"""A released binary: downloaded, compared with the project's checksum, unpacked."""

import hashlib
import io
import platform as machine
import re
import sys
import tarfile
import urllib.error
import urllib.request
from pathlib import Path

from devstack.tools.catalogue import Tool

SECONDS = 60
"""How long a server may be silent."""
ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


class NotDownloaded(Exception):
    """The release could not be had; the message says why."""


def platform(version: str) -> dict[str, str]:
    """What the fields of a release's addresses stand for on this machine."""
    os_name = "darwin" if sys.platform == "darwin" else "linux"
    arch = ARCHITECTURES.get(machine.machine().lower(), machine.machine().lower())
    return {
        "version": version,
        "os": os_name,
        "Os": os_name.title(),
        "macos": "macos" if os_name == "darwin" else os_name,
        "arch": arch,
        "machine": "x86_64" if arch == "amd64" else arch,
    }


def download(tool: Tool, target: Path) -> None:
    """Put the released program at `target`.

    Raises: NotDownloaded: unreachable, not what the checksum says, or not in the archive.
    """
    if tool.release is None:
        raise NotDownloaded("there is no released binary")
    fields = platform(tool.version)
    url = tool.release.url.format(**fields)
    content = fetch(url)
    published = fetch(tool.release.checksums.format(**fields)).decode(errors="replace")
    verify(content, published, url)
    member = tool.release.member.format(**fields)
    target.write_bytes(unpack(content, member, url) if member else content)
    target.chmod(0o755)


def fetch(url: str) -> bytes:
    """The body of a page.

    Raises: NotDownloaded: it is not answered.
    """
    try:
        with urllib.request.urlopen(url, timeout=SECONDS) as answer:
            body: bytes = answer.read()
            return body
    except (OSError, urllib.error.URLError) as failure:
        raise NotDownloaded(f"{url}: {getattr(failure, 'reason', failure)}") from failure


def verify(content: bytes, published: str, url: str) -> None:
    """Compare a download with the checksum that is published for it.

    Raises: NotDownloaded: there is none for this file, or another one.
    """
    name = url.rpartition("/")[2]
    lines = [line.split() for line in published.splitlines() if line.strip()]
    wanted = [
        words[0]
        for words in lines
        if re.fullmatch(r"[0-9a-f]{64}", words[0])
        and (len(words) == 1 or words[-1].rpartition("/")[2].lstrip("*") == name)
    ]
    if not wanted:
        raise NotDownloaded(f"{url}: no checksum is published for {name}")
    if hashlib.sha256(content).hexdigest() not in wanted:
        raise NotDownloaded(f"{url}: is not what its published checksum says; try again later")


def unpack(archive: bytes, member: str, url: str) -> bytes:
    """One file of a compressed archive.

    Raises: NotDownloaded: it is not in there.
    """
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as files:
            content = files.extractfile(member)
            if content is None:
                raise NotDownloaded(f"{url}: {member} is not a file")
            return content.read()
    except (KeyError, tarfile.TarError, OSError) as failure:
        raise NotDownloaded(f"{url}: has no {member}") from failure
