"""A few words in other languages, and two languages in one message."""

from tests.evals.case import Case, beyond

CASES: tuple[Case, ...] = (
    beyond("adicione comprar pão à minha lista", does=["+ comprar pão"]),
    beyond("não apague nada", given=("comprar pão",)),
    beyond("aggiungi comprare il latte", does=["+ comprare il latte"]),
    beyond("non ho chiamato il dentista", given=("chiamare il dentista",)),
    beyond("zet melk kopen op mijn lijst", does=["+ melk kopen"]),
    beyond("verwijder de melk niet", given=("melk kopen",)),
    beyond("dodaj kupić chleb", does=["+ kupić chleb"]),
    beyond("nie usuwaj chleba", given=("kupić chleb",)),
    beyond("ekmek almayı listeye ekle", does=["+ ekmek almayı"], or_does=["+ ekmek al"]),
    beyond("ekmeği silme", given=("ekmek al",)),
    beyond("добавь купить хлеб", does=["+ купить хлеб"]),
    beyond("я ещё не купил хлеб", given=("купить хлеб",)),
    beyond("хлеб купил", given=("купить хлеб", "позвонить маме"), does=["x купить хлеб"]),
    beyond("添加任务:买牛奶", does=["+ 买牛奶"]),
    beyond("不要删除牛奶", given=("买牛奶", "打电话给妈妈")),
    beyond("除了牛奶都完成了", given=("买牛奶", "打电话给妈妈"), does=["x 打电话给妈妈"]),
    beyond("우유 사기 추가해 줘", does=["+ 우유 사기"]),
    beyond("우유는 삭제하지 마", given=("우유 사기",)),
    beyond("הוסף לקנות לחם", does=["+ לקנות לחם"]),
    beyond("אל תמחק את הלחם", given=("לקנות לחם",)),
    beyond("thêm mua sữa vào danh sách", does=["+ mua sữa"]),
    beyond("ongeza kununua maziwa kwenye orodha", does=["+ kununua maziwa"]),
    beyond("füg hinzu: call the bank", does=["+ call the bank"]),
    beyond("add comprar flores para mamá", does=["+ comprar flores para mamá"]),
    beyond(
        "delete la leche, not el pan",
        given=("comprar leche", "comprar pan"),
        does=["- comprar leche"],
    ),
    beyond("traduis ma liste en anglais", given=("acheter du lait",), hears=["milk"]),
)
