"""The programs outside of our packages: which version, how it is known, where it comes from.

A version is raised here and nowhere else. Checksums are not written down for releases: a download
is compared with the checksum file that the project publishes beside it, a compilation with Go's
checksum database.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

DIGITS = re.compile(r"v?(\d+(?:\.\d+)+)")


@dataclass(frozen=True)
class Release:
    """Where the project publishes a binary. Fields in braces are those of `released.platform`.

    Attributes:
        url: the archive, or the program itself when `member` is empty.
        checksums: a file with its SHA-256: alone, or on the line that ends in the file's name.
        member: path of the program inside the archive.
    """

    url: str
    checksums: str
    member: str = ""


@dataclass(frozen=True)
class Source:
    """What `go build` makes it from. Attributes: sets: variables that its own makefile sets too."""

    module: str
    package: str
    sets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Packages:
    """Python packages for an environment of their own. Attributes: pins: file beside this one."""

    pins: str


@dataclass(frozen=True)
class Tool:
    """One program.

    Attributes:
        name: what we ask for; helm3 and helm4 are the same program.
        program: its file name when we install it.
        version: the pin, without "v".
        fits: versions that are taken from PATH, as a pattern for the beginning.
        asks: arguments that make it print its version; empty: it cannot say, any one is taken.
        release: None: there is no binary.
        source: what to make it from where the release cannot be had; None: nothing.
        aliases: further names under which PATH may have it.
    """

    name: str
    program: str
    version: str
    fits: str
    asks: tuple[str, ...]
    release: Release | None
    source: Source | Packages | None
    aliases: tuple[str, ...] = ()

    def accepts(self, said: str) -> bool:
        """Whether a program that says this about its version will do."""
        found = DIGITS.search(said)
        return found is not None and re.match(rf"(?:{self.fits})", found[1]) is not None


HELM_RELEASE = Release(
    "https://get.helm.sh/helm-v{version}-{os}-{arch}.tar.gz",
    "https://get.helm.sh/helm-v{version}-{os}-{arch}.tar.gz.sha256sum",
    "{os}-{arch}/helm",
)
GITHUB = "https://github.com/{}/releases/download/v{{version}}/"
KUBECONFORM = GITHUB.format("yannh/kubeconform")
UNITTEST = GITHUB.format("helm-unittest/helm-unittest")
HELM_DOCS = GITHUB.format("norwoodj/helm-docs")
KIND = GITHUB.format("kubernetes-sigs/kind")

ALL = (
    Tool(
        # Not 4: skaffold 2.16 calls `helm version --client`, which 4 refuses.
        name="helm",
        program="helm",
        version="3.22.0",
        fits=r"3\.",
        asks=("version", "--template", "{{.Version}}"),
        release=HELM_RELEASE,
        # Without the last two it takes every cluster for a Kubernetes 1.20, and refuses our chart.
        source=Source(
            "helm.sh/helm/v3",
            "./cmd/helm",
            (
                "helm.sh/helm/v3/internal/version.version=v{version}",
                "helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor=37",
                "helm.sh/helm/v3/pkg/lint/rules.k8sVersionMinor=37",
            ),
        ),
    ),
    Tool(
        name="helm4",
        program="helm",
        version="4.3.1",
        fits=r"4\.",
        asks=("version", "--template", "{{.Version}}"),
        release=HELM_RELEASE,
        source=Source(
            "helm.sh/helm/v4",
            "./cmd/helm",
            ("helm.sh/helm/v4/internal/version.version=v{version}",),
        ),
        aliases=("helm4",),
    ),
    Tool(
        # Run on its own, so that no plugin is put into the helm of the person who runs the tests.
        name="helm-unittest",
        program="helm-unittest",
        version="1.1.2",
        fits="",
        asks=(),
        release=Release(
            UNITTEST + "helm-unittest-{macos}-{arch}-{version}.tgz",
            UNITTEST + "helm-unittest-checksum.sha",
            "untt-{macos}-{arch}",
        ),
        source=Source("github.com/helm-unittest/helm-unittest", "./cmd/helm-unittest"),
    ),
    Tool(
        name="kubeconform",
        program="kubeconform",
        version="0.8.0",
        fits=r"0\.[78]\.",
        asks=("-v",),
        release=Release(
            KUBECONFORM + "kubeconform-{os}-{arch}.tar.gz", KUBECONFORM + "CHECKSUMS", "kubeconform"
        ),
        source=Source(
            "github.com/yannh/kubeconform", "./cmd/kubeconform", ("main.version=v{version}",)
        ),
    ),
    Tool(
        # This very version: another one lays the chart's README out differently.
        name="helm-docs",
        program="helm-docs",
        version="1.14.2",
        fits=r"1\.14\.2$",
        asks=("--version",),
        release=Release(
            HELM_DOCS + "helm-docs_{version}_{Os}_{machine}.tar.gz",
            HELM_DOCS + "checksums.txt",
            "helm-docs",
        ),
        source=Source(
            "github.com/norwoodj/helm-docs", "./cmd/helm-docs", ("main.version=v{version}",)
        ),
    ),
    Tool(
        # This very version: another one has other checks.
        name="checkov",
        program="checkov",
        version="3.3.30",
        fits=r"3\.3\.30$",
        asks=("--version",),
        release=None,
        source=Packages("checkov.txt"),
    ),
    Tool(
        # One minor version on either side of the cluster's 1.34 is what Kubernetes supports; 1.32
        # is what some machines have and does all that we ask of it. It has no `source`: its module
        # is built by Kubernetes' own scripts only.
        name="kubectl",
        program="kubectl",
        version="1.34.4",
        fits=r"1\.3[2-9]\.",
        asks=("version", "--client"),
        release=Release(
            "https://dl.k8s.io/release/v{version}/bin/{os}/{arch}/kubectl",
            "https://dl.k8s.io/release/v{version}/bin/{os}/{arch}/kubectl.sha256",
        ),
        source=None,
    ),
    Tool(
        name="kind",
        program="kind",
        version="0.33.0",
        fits=r"0\.(2[6-9]|3\d)\.",
        asks=("version",),
        release=Release(KIND + "kind-{os}-{arch}", KIND + "kind-{os}-{arch}.sha256sum"),
        source=Source("sigs.k8s.io/kind", "."),
    ),
    Tool(
        name="skaffold",
        program="skaffold",
        version="2.16.1",
        fits=r"2\.",
        asks=("version",),
        release=Release(
            "https://storage.googleapis.com/skaffold/releases/v{version}/skaffold-{os}-{arch}",
            "https://storage.googleapis.com/skaffold/releases/v{version}/skaffold-{os}-{arch}.sha256",
        ),
        source=Source(
            "github.com/GoogleContainerTools/skaffold/v2",
            "./cmd/skaffold",
            (
                "github.com/GoogleContainerTools/skaffold/v2/pkg/skaffold/version.version=v{version}",
            ),
        ),
    ),
)
TOOLS: Mapping[str, Tool] = MappingProxyType({tool.name: tool for tool in ALL})
