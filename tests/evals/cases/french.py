"""The kinds in French."""

from tests.evals.case import Case, beyond

TASKS = ("acheter du lait", "acheter du pain", "appeler le dentiste", "écrire le rapport")
ROME = ("réserver le vol pour Rome", "réserver un hôtel à Rome", "appeler Tim")
SIX = (*TASKS, "laver la voiture", "arroser les plantes")

CASES: tuple[Case, ...] = (
    beyond("ajoute arroser les plantes à ma liste", does=["+ arroser les plantes"]),
    beyond("du lait, des œufs et du pain", does=["+ lait", "+ œufs", "+ pain"]),
    beyond("j'ai appelé le dentiste", given=TASKS, does=["x appeler le dentiste"]),
    beyond("supprime le lait", given=TASKS, does=["- acheter du lait"]),
    beyond("ne supprime pas le lait", given=TASKS),
    beyond("je n'ai pas encore appelé le dentiste", given=TASKS),
    beyond("supprime le lait. ah non, finalement non", given=TASKS),
    beyond("supprime le lait, non pardon, le pain", given=TASKS, does=["- acheter du pain"]),
    beyond(
        "tout est fait sauf le rapport",
        given=TASKS,
        does=["x acheter du lait", "x acheter du pain", "x appeler le dentiste"],
    ),
    beyond("si le rapport est terminé, supprime-le", given=TASKS),
    beyond("supprime la tâche de Rome", given=ROME, hears=ROME[:2]),
    beyond("supprime tout ce qui concerne Rome", given=ROME, does=[f"- {one}" for one in ROME[:2]]),
    beyond("j'ai appelé Tom", given=ROME),
    beyond("combien de tâches j'ai ?", given=TASKS, hears=["4 or quatre"]),
    beyond("qu'est-ce qu'il me reste à faire ?", given=TASKS, hears=TASKS),
    beyond("efface tout", given=SIX),
    beyond("tu peux partager ma liste avec Luc ?", given=TASKS),
    beyond(
        "renomme le pain en acheter une baguette",
        given=TASKS,
        does=["acheter du pain -> acheter une baguette"],
    ),
)
