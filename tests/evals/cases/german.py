"""The kinds in German."""

from tests.evals.case import Case, beyond

TASKS = ("Milch kaufen", "Brot kaufen", "Zahnarzt anrufen", "Bericht schreiben", "x Miete zahlen")
BERLIN = ("Zug nach Berlin buchen", "Hotel in Berlin buchen", "Tim anrufen")
SIX = (*TASKS, "Auto waschen")

CASES: tuple[Case, ...] = (
    beyond("Setz bitte Reifen wechseln auf die Liste", does=["+ Reifen wechseln"]),
    beyond("Milch, Eier und Brot", does=["+ Milch", "+ Eier", "+ Brot"]),
    beyond("Vergiss nicht: Oma anrufen!", does=["+ Oma anrufen"]),
    beyond("Ich hab den Zahnarzt angerufen", given=TASKS, does=["x Zahnarzt anrufen"]),
    beyond("Lösch die Milch", given=TASKS, does=["- Milch kaufen"]),
    beyond("Ich habe den Zahnarzt noch nicht angerufen", given=TASKS),
    beyond("Lösch die Milch nicht", given=TASKS),
    beyond("Lösch die Milch. Ach nein, doch nicht.", given=TASKS),
    beyond("Lösch die Milch, nein, ich meine das Brot", given=TASKS, does=["- Brot kaufen"]),
    beyond("Nicht die Milch, sondern das Brot ist gekauft", given=TASKS, does=["x Brot kaufen"]),
    beyond(
        "Alles außer dem Bericht ist erledigt",
        given=TASKS,
        does=["x Milch kaufen", "x Brot kaufen", "x Zahnarzt anrufen"],
    ),
    beyond("Wenn die Miete bezahlt ist, lösch sie", given=TASKS, does=["- Miete zahlen"]),
    beyond("Wenn der Bericht fertig ist, lösch ihn", given=TASKS),
    beyond("Lösch das mit Berlin", given=BERLIN, hears=BERLIN[:2]),
    beyond("Lösch alles zu Berlin", given=BERLIN, does=[f"- {one}" for one in BERLIN[:2]]),
    beyond("Tom anrufen ist erledigt", given=BERLIN),
    beyond("Wie viele Aufgaben sind offen?", given=TASKS, hears=["4 or vier"]),
    beyond("Was steht noch an?", given=TASKS, hears=TASKS[:4]),
    beyond("Lösch alles", given=SIX),
    beyond(
        "Lösch alles, ich bin mir sicher",
        given=SIX,
        does=[f"- {t.removeprefix('x ')}" for t in SIX],
    ),
    beyond("Merk dir, dass mein Zahnarzt nett ist", given=TASKS),
    beyond(
        "Nenn die Milch in Hafermilch kaufen um",
        given=TASKS,
        does=["Milch kaufen -> Hafermilch kaufen"],
    ),
)
