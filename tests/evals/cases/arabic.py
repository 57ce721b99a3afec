"""The kinds in Arabic."""

from tests.evals.case import Case, beyond

TASKS = ("شراء الحليب", "شراء الخبز", "الاتصال بالطبيب", "كتابة التقرير")
SIX = (*TASKS, "غسل السيارة", "سقي النباتات")

CASES: tuple[Case, ...] = (
    beyond("أضف إلى القائمة: قراءة الكتاب", does=["+ قراءة الكتاب"]),
    beyond("حليب، بيض، خبز", does=["+ حليب", "+ بيض", "+ خبز"]),
    beyond("اتصلت بالطبيب", given=TASKS, does=["x الاتصال بالطبيب"]),
    beyond("احذف مهمة الحليب", given=TASKS, does=["- شراء الحليب"]),
    beyond("لا تحذف الحليب", given=TASKS),
    beyond("لم أتصل بالطبيب بعد", given=TASKS),
    beyond("احذف الحليب. لا، انتظر، لا تحذفه", given=TASKS),
    beyond("احذف الحليب، عفوا أقصد الخبز", given=TASKS, does=["- شراء الخبز"]),
    beyond("احذف كل شيء ما عدا التقرير", given=TASKS, does=[f"- {one}" for one in TASKS[:3]]),
    beyond("إذا كان التقرير مكتملا فاحذفه", given=TASKS),
    beyond("كم مهمة عندي؟", given=TASKS, hears=["4 or أربع"]),
    beyond("ماذا بقي علي؟", given=TASKS, hears=TASKS),
    beyond("احذف الشراء", given=TASKS, hears=TASKS[:2]),
    beyond("احذف كل المهام", given=SIX),
    beyond("هل أحذف الحليب؟", given=TASKS),
)
