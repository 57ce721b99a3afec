"""GET /v1beta/openai/models: which models there are."""

from fastapi import APIRouter
from starlette.requests import Request

from gemini_simulator.api.identity import check_key
from gemini_simulator.protocol.models import MODELS, model_of

router = APIRouter()


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
    model_of(short_id)
    return _model(short_id)
