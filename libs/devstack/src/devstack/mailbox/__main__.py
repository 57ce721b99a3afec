"""`python -m devstack.mailbox`: a mailbox for the tests of auth.

Prints one line of JSON, the settings that auth gets, and ends when its input does.
"""

import json
import sys

from devstack.mailbox.mailbox import Mailbox


def main() -> None:
    """Serve until the input ends."""
    mailbox = Mailbox()
    print(json.dumps(dict(mailbox.settings)), flush=True)
    sys.stdin.read()
    mailbox.close()


if __name__ == "__main__":
    main()
