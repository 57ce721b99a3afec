"""From the owner's database URLs to those of the services' roles."""

from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

FORM = "postgresql://<user>:<password>@<host>/<database>?sslmode=require"
EXAMPLE = (
    "postgresql://me:secret@ep-cool-darkness-123456-pooler.eu-central-1.aws.neon.tech/taskchat"
)


class DatabaseUrlWrong(Exception):
    """A database URL cannot be used; the message names its variable, form and an example."""


@dataclass(frozen=True)
class DatabaseUrls:
    """Both ways into one database, with the owner's name and password.

    Attributes: pooled: for the services, may lead through PgBouncer. direct: for migrations.
    """

    pooled: str
    direct: str

    @property
    def host(self) -> str:
        """Where the database is."""
        return urlsplit(self.pooled).hostname or ""

    def of_role(self, role: str, password: str) -> str:
        """The pooled URL with another user; host, database and options stay as they are."""
        parts = urlsplit(self.pooled)
        host = parts.netloc.rpartition("@")[2]
        user = f"{quote(role, safe='')}:{quote(password, safe='')}"
        return urlunsplit(parts._replace(netloc=f"{user}@{host}"))


def database_urls(pooled: str, direct: str | None) -> DatabaseUrls:
    """Check what a person set as DATABASE_URL and DATABASE_URL_DIRECT.

    Raises: DatabaseUrlWrong: a URL has not the form, or a pooled one came without a direct one:
        advisory locks and DDL do not work through a pooler in transaction mode.
    """
    check("DATABASE_URL", pooled)
    if direct is not None:
        check("DATABASE_URL_DIRECT", direct)
        return DatabaseUrls(pooled, direct)
    if "-pooler." in pooled:
        raise DatabaseUrlWrong(
            "DATABASE_URL_DIRECT is missing: DATABASE_URL leads to a pooler, and migrations need "
            "the direct connection. On Neon it is the same URL without “-pooler” in the host"
        )
    return DatabaseUrls(pooled, pooled)


def check(variable: str, url: str) -> None:
    """Refuse a URL that is not one of Postgres with user, host and database.

    Raises: DatabaseUrlWrong: without the value, which may hold a password.
    """
    parts = urlsplit(url)
    complete = parts.username and parts.hostname and len(parts.path) > 1
    if parts.scheme not in {"postgresql", "postgres"} or not complete:
        raise DatabaseUrlWrong(f"{variable} must look like {FORM}, for example {EXAMPLE}")
