"""GET /v1beta/openai/models: which models there are."""

from fastapi import APIRouter
from starlette.requests import Request

from gemini_simulator.api.identity import check_key
from gemini_simulator.protocol.errors import ModelNotFound

MODELS = (
    "gemini-2.5-flash",
    "gemini-2.5-flash-lite",
    "gemini-2.5-pro",
    "gemini-3-flash-preview",
    "gemini-3-pro-preview",
    "gemini-3.1-flash-lite-preview",
    "gemini-3.1-pro-preview",
    "gemini-3.5-flash",
    "gemini-3.8-flash",
)

router = APIRouter()


def check_model(model_id: str) -> None:
    """Raises: ModelNotFound (404) for a model that is not listed."""
    if model_id not in MODELS:
        raise ModelNotFound(model_id)


def _model(model_id: str) -> dict[str, str]:
    name = model_id.replace("-", " ").title()
    return {
        "id": f"models/{model_id}",
        "object": "model",
        "owned_by": "google",
        "display_name": name,
    }


@router.get("/models")
async def list_models(request: Request) -> dict[str, object]:
    """All models."""
    check_key(request)
    return {"object": "list", "data": [_model(model_id) for model_id in MODELS]}


@router.get("/models/{model_id:path}")
async def get_model(request: Request, model_id: str) -> dict[str, str]:
    """One model, with or without the `models/` prefix."""
    check_key(request)
    short_id = model_id.removeprefix("models/")
    check_model(short_id)
    return _model(short_id)
