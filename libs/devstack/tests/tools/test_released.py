"""A download is what its project published, or it is not used."""

import hashlib
import io
import tarfile
from pathlib import Path

import pytest
from devstack.tools import released
from devstack.tools.catalogue import ALL, Release
from devstack.tools.released import NotDownloaded, download, unpack, verify

from .programs import spanner

URL = "https://example.com/v3/spanner-linux.tar.gz"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def archive(member: str, content: bytes) -> bytes:
    """A compressed archive with one file."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as files:
        entry = tarfile.TarInfo(member)
        entry.size = len(content)
        files.addfile(entry, io.BytesIO(content))
    return target.getvalue()


def publish(folder: Path, content: bytes, published: str) -> Release:
    """A release in a folder, as addresses."""
    (folder / "spanner.tar.gz").write_bytes(content)
    (folder / "checksums").write_text(published)
    base = folder.as_uri()
    return Release(f"{base}/spanner.tar.gz", f"{base}/checksums", "bin/spanner")


def test_unreachable_server_is_named() -> None:
    with pytest.raises(NotDownloaded, match=r"http://127\.0\.0\.1:9/checksums: .*refused"):
        released.fetch("http://127.0.0.1:9/checksums")


def test_tool_without_a_release_is_not_downloaded(tmp_path: Path) -> None:
    with pytest.raises(NotDownloaded, match="no released binary"):
        download(spanner(release=None), tmp_path / "spanner")


def test_changed_content_is_refused_and_not_written(tmp_path: Path) -> None:
    release = publish(tmp_path, archive("bin/spanner", b"evil"), sha256(b"good"))
    with pytest.raises(NotDownloaded, match="is not what its published checksum says"):
        download(spanner(release=release), tmp_path / "spanner")
    assert not (tmp_path / "spanner").exists()


@pytest.mark.parametrize(
    "published",
    ["", "<html>404</html>", f"{sha256(b'it')}  another-file.tar.gz", "abc  spanner-linux.tar.gz"],
)
def test_missing_checksum_is_refused(published: str) -> None:
    with pytest.raises(NotDownloaded, match="no checksum is published for spanner-linux"):
        verify(b"it", published, URL)


@pytest.mark.parametrize(
    "published",
    [
        sha256(b"it"),
        f"{sha256(b'it')}\n",
        f"{sha256(b'it')}  spanner-linux.tar.gz\n",
        f"{sha256(b'other')}  spanner-darwin.tar.gz\n{sha256(b'it')} *_dist/spanner-linux.tar.gz",
    ],
)
def test_each_form_of_checksum_file_is_understood(published: str) -> None:
    verify(b"it", published, URL)


def test_archive_without_the_program_is_refused() -> None:
    with pytest.raises(NotDownloaded, match="has no bin/spanner"):
        unpack(archive("README.md", b"words"), "bin/spanner", URL)


def test_what_is_not_an_archive_is_refused() -> None:
    with pytest.raises(NotDownloaded, match="has no bin/spanner"):
        unpack(b"<html>sorry</html>", "bin/spanner", URL)


def test_program_is_unpacked_and_can_be_run(tmp_path: Path) -> None:
    content = archive("bin/spanner", b"#!/bin/sh\n")
    download(spanner(release=publish(tmp_path, content, sha256(content))), tmp_path / "installed")
    assert (tmp_path / "installed").read_bytes() == b"#!/bin/sh\n"
    assert (tmp_path / "installed").stat().st_mode & 0o111


@pytest.mark.parametrize("tool", [t for t in ALL if t.release], ids=lambda tool: tool.name)
def test_addresses_have_no_field_that_is_not_filled_in(tool: object) -> None:
    (same,) = [known for known in ALL if known is tool]
    assert same.release is not None
    fields = released.platform(same.version)
    for address in (same.release.url, same.release.checksums, same.release.member):
        assert "{" not in address.format(**fields)
    assert same.version in same.release.url.format(**fields)
