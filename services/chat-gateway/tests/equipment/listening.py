"""What a turn has told."""

from collections.abc import Sequence

from chat_gateway.turns.events import Event, Said


def names(told: Sequence[Event]) -> list[str]:
    """The kinds of the events, in order."""
    return [type(event).__name__ for event in told]


def texts_of(told: Sequence[Event]) -> list[str]:
    """Each text that was said, the retracted ones too, in order."""
    texts: dict[object, str] = {}
    for event in told:
        if isinstance(event, Said):
            texts[event.text_id] = texts.get(event.text_id, "") + event.delta
    return list(texts.values())
