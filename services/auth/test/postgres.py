"""A Postgres for the tests: prints its owner's URL, and stops when its input ends."""

import sys
import tempfile
from pathlib import Path

from devstack.postgres import EmbeddedPostgres

with tempfile.TemporaryDirectory(prefix="taskchat-auth-") as folder:
    Path(folder).chmod(0o755)  # Postgres runs as another user when we are root
    server = EmbeddedPostgres.start(Path(folder) / "data", durable=False)
    sys.stdout.write(server.create_database("auth_tests") + "\n")
    sys.stdout.flush()
    sys.stdin.read()
    server.stop()
