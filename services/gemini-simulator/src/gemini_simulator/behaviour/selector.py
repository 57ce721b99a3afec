"""Whom a fault strikes, and how often."""

from pydantic import BaseModel, ConfigDict, Field


class Selector(BaseModel):
    """What every fault has: whom it strikes and how often."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    match: str | None = Field(None, description="substring of the last user message")
    anywhere: str | None = Field(None, description="substring of any message, as a filter reads")
    model: str | None = Field(None, description="model that is asked, without `models/`")
    step: int | None = Field(None, ge=0, description="model call of the turn, 0 is the first")
    count: int | None = Field(None, ge=1, description="how many requests to strike")
    rate: float | None = Field(None, ge=0, le=1, description="share of requests to strike")

    @property
    def limit(self) -> int | None:
        """How often it may strike; None is for ever."""
        return 1 if self.count is None and self.rate is None else self.count
