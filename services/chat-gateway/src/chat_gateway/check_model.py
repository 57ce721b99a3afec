"""`python -m chat_gateway.check_model`: the first contact with the model, and nothing else."""

import argparse
import asyncio
import sys
from typing import Final

from servicekit.settings import load

from chat_gateway.model.first_contact import first_contact, patient_first_contact
from chat_gateway.settings import ModelSettings

EXIT_FAILURE: Final = 1


def main(arguments: list[str] | None = None) -> int:
    """Print one line for each thing that is wrong, or that nothing is.

    Returns: the exit code: 1 when turns could not be answered, else 0; 2 when a setting is wrong.
    """
    parser = argparse.ArgumentParser(prog="chat_gateway.check_model")
    parser.add_argument("--patient", action="store_true", help="ask again while nobody answers")
    contact = patient_first_contact if parser.parse_args(arguments).patient else first_contact
    findings = asyncio.run(contact(load(ModelSettings)))
    for one in findings:
        sys.stdout.write(f"{one.sentence}\n")
    if not findings:
        sys.stdout.write("The model answers.\n")
    return EXIT_FAILURE if any(one.is_failure for one in findings) else 0


if __name__ == "__main__":
    sys.exit(main())
