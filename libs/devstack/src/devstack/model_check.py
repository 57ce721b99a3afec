"""Ask the real model before `make run` says that all is ready: does the key fit, does it answer?"""

from pathlib import Path

from devstack.deployment import Deployment
from devstack.guardian import Guardian
from devstack.processes import ManagedProcess

ALL_IS_WELL = "The model answers."


class ModelUnusable(Exception):
    """No turn could be answered; the message says why, and what to set."""


def start_model_check(
    deployment: Deployment, *, log_dir: Path, guardian: Guardian
) -> ManagedProcess | None:
    """Begin to ask; None with the simulator, which needs no key."""
    if deployment.gemini_api_key is None:
        return None
    process = ManagedProcess(
        "first contact with the model",
        deployment.model_check_argv,
        deployment.env("chat-gateway"),
        cwd=deployment.root,
        log_path=log_dir / "chat-gateway.check_model.log",
        ready_url="",
        guardian=guardian,
    )
    process.start()
    return process


def finish_model_check(process: ManagedProcess) -> list[str]:
    """Wait for the outcome.

    Returns: warnings.
    Raises: ModelUnusable: turns could not be answered.
    """
    code = process.wait_for_exit()
    said = process.log_path.read_text().splitlines()
    if code != 0:
        raise ModelUnusable("\n".join(said))
    return [line for line in said if line != ALL_IS_WELL]
