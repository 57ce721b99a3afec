"""Days that depend on today: the person's words stay, and the day meant is written down."""

from datetime import UTC, datetime, timedelta

from tests.evals.case import Case, beyond

TODAY = datetime.now(UTC).date()
TOMORROW = (TODAY + timedelta(days=1)).day
IN_TWO_DAYS = (TODAY + timedelta(days=2)).day
IN_A_WEEK = (TODAY + timedelta(days=7)).day

CASES: tuple[Case, ...] = (
    beyond("add call mom tomorrow", does=[f"+ call mom tomorrow | {TOMORROW}"]),
    beyond("remind me to pay the rent today", does=[f"+ pay the rent today | {TODAY.day}"]),
    beyond(
        "add pick up the parcel the day after tomorrow",
        does=[f"+ pick up the parcel day after tomorrow | {IN_TWO_DAYS}"],
    ),
    beyond("in a week I have to renew my pass", does=[f"+ renew pass in a week | {IN_A_WEEK}"]),
    beyond("morgen Müll rausbringen", does=[f"+ morgen Müll rausbringen | {TOMORROW}"]),
    beyond("añade llamar a Ana mañana", does=[f"+ llamar a Ana mañana | {TOMORROW}"]),
    beyond("rappelle-moi d'appeler Luc demain", does=[f"+ appeler Luc demain | {TOMORROW}"]),
    beyond("what day is it today?", given=("buy milk",), hears=[str(TODAY.day)]),
)
