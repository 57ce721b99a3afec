"""The kinds in Spanish."""

from tests.evals.case import Case, beyond

TASKS = ("comprar leche", "comprar pan", "llamar al dentista", "escribir el informe")
ROME = ("reservar vuelo a Roma", "reservar hotel en Roma", "llamar a Tim")
SIX = (*TASKS, "lavar el coche", "regar las plantas")

CASES: tuple[Case, ...] = (
    beyond("añade regar las plantas a mi lista", does=["+ regar las plantas"]),
    beyond("leche, huevos y pan", does=["+ leche", "+ huevos", "+ pan"]),
    beyond("ya llamé al dentista", given=TASKS, does=["x llamar al dentista"]),
    beyond("borra la leche", given=TASKS, does=["- comprar leche"]),
    beyond("no borres la leche", given=TASKS),
    beyond("todavía no llamé al dentista", given=TASKS),
    beyond("borra la leche. no, espera, mejor no", given=TASKS),
    beyond("borra la leche, perdón, el pan", given=TASKS, does=["- comprar pan"]),
    beyond(
        "borra todo menos el informe",
        given=TASKS,
        does=["- comprar leche", "- comprar pan", "- llamar al dentista"],
    ),
    beyond("si el informe está terminado, bórralo", given=TASKS),
    beyond(
        "si no hay nada sobre huevos, añade comprar huevos", given=TASKS, does=["+ comprar huevos"]
    ),
    beyond("borra lo de Roma", given=ROME, hears=ROME[:2]),
    beyond("borra todas las tareas de Roma", given=ROME, does=[f"- {one}" for one in ROME[:2]]),
    beyond("borra llamar a Tom", given=ROME),
    beyond("¿cuántas tareas tengo?", given=TASKS, hears=["4 or cuatro"]),
    beyond("¿qué me falta?", given=TASKS, hears=TASKS),
    beyond("borra todas mis tareas", given=SIX),
    beyond("mi dentista es muy simpático", given=TASKS),
    beyond("¿debería borrar la leche?", given=TASKS),
)
