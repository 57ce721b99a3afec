"""The kinds in Hindi, also in Latin letters."""

from tests.evals.case import Case, beyond

TASKS = ("दूध खरीदना", "रोटी खरीदना", "डॉक्टर को फोन करना", "रिपोर्ट लिखना")
SIX = (*TASKS, "गाड़ी धोना", "पौधों को पानी देना")

CASES: tuple[Case, ...] = (
    beyond("सूची में जोड़ो: किताब पढ़ना", does=["+ किताब पढ़ना"]),
    beyond("दूध, अंडे और रोटी", does=["+ दूध", "+ अंडे", "+ रोटी"]),
    beyond("मैंने डॉक्टर को फोन कर लिया", given=TASKS, does=["x डॉक्टर को फोन करना"]),
    beyond("दूध वाला काम हटा दो", given=TASKS, does=["- दूध खरीदना"]),
    beyond("दूध वाला काम मत हटाओ", given=TASKS),
    beyond("मैंने अभी तक डॉक्टर को फोन नहीं किया", given=TASKS),
    beyond("दूध हटा दो, नहीं रुको, रोटी हटाओ", given=TASKS, does=["- रोटी खरीदना"]),
    beyond("दूध हटा दो। नहीं, रहने दो।", given=TASKS),
    beyond(
        "रिपोर्ट को छोड़कर सब हटा दो",
        given=TASKS,
        does=[f"- {one}" for one in TASKS[:3]],
    ),
    beyond("अगर रिपोर्ट पूरी हो गई है तो उसे हटा दो", given=TASKS),
    beyond("मेरे कितने काम हैं?", given=TASKS, hears=["4 or चार"]),
    beyond("क्या क्या बाकी है?", given=TASKS, hears=TASKS),
    beyond("सब कुछ हटा दो", given=SIX),
    beyond("meri list me chai patti kharidna add karo", does=["+ chai patti kharidna"]),
    beyond("doodh wala kaam mat hatao", given=("doodh kharidna", "roti banana")),
    beyond("maine roti bana li", given=("doodh kharidna", "roti banana"), does=["x roti banana"]),
)
