"""The kinds in Japanese."""

from tests.evals.case import Case, beyond

TASKS = ("牛乳を買う", "パンを買う", "歯医者に電話する", "報告書を書く")
SIX = (*TASKS, "車を洗う", "植物に水をやる")

CASES: tuple[Case, ...] = (
    beyond("「本を読む」を追加して", does=["+ 本を読む"]),
    beyond("買い物リスト:\n牛乳\n卵\nパン", does=["+ 牛乳", "+ 卵", "+ パン"]),
    beyond("歯医者に電話しました", given=TASKS, does=["x 歯医者に電話する"]),
    beyond("牛乳を削除して", given=TASKS, does=["- 牛乳を買う"]),
    beyond("牛乳は削除しないで", given=TASKS),
    beyond("まだ歯医者に電話していません", given=TASKS),
    beyond("牛乳を削除して。いや、やっぱりやめて", given=TASKS),
    beyond("牛乳を削除して、じゃなくてパンを削除して", given=TASKS, does=["- パンを買う"]),
    beyond("報告書以外は全部終わった", given=TASKS, does=[f"x {one}" for one in TASKS[:3]]),
    beyond("報告書が完了していたら削除して", given=TASKS),
    beyond("タスクはいくつありますか?", given=TASKS, hears=["4 or 四 or よっつ"]),
    beyond("残っているものを見せて", given=TASKS, hears=TASKS),
    beyond("買うやつを消して", given=TASKS, hears=TASKS[:2]),
    beyond("全部消して", given=SIX),
    beyond("牛乳を「豆乳を買う」に変更して", given=TASKS, does=["牛乳を買う -> 豆乳を買う"]),
    beyond("歯医者さんはとても優しい", given=TASKS),
)
