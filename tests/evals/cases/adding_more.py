"""Several new tasks at once, and new tasks with a description."""

from tests.evals.case import Case, said

CASES: tuple[Case, ...] = (
    said(
        "add buy milk and call mom",
        does=["+ buy milk", "+ call mom"],
    ),
    said(
        "Add three tasks: wash the car, mow the lawn and clean the windows",
        does=["+ wash the car", "+ mow the lawn", "+ clean the windows"],
    ),
    said(
        "add the following tasks:\n- book a hotel\n- rent a car\n- pack the bags",
        does=["+ book a hotel", "+ rent a car", "+ pack the bags"],
    ),
    said(
        "Please add these:\n1. write the report\n2. send it to Lisa\n3. archive the files",
        does=["+ write the report", "+ send it to Lisa", "+ archive the files"],
    ),
    said(
        "I need to buy stamps, post the letter and pay the electricity bill",
        does=["+ buy stamps", "+ post the letter", "+ pay the electricity bill"],
    ),
    said(
        "add a task to feed the fish and another one to clean the tank",
        does=["+ feed the fish", "+ clean the tank"],
    ),
    said(
        'add "read chapter 5" and "do the exercises"',
        does=["+ read chapter 5", "+ do the exercises"],
    ),
    said(
        "put tomatoes, onions and garlic on my list as separate tasks",
        does=["+ tomatoes", "+ onions", "+ garlic"],
    ),
    said(
        "Two new tasks please: call the vet; order dog food",
        does=["+ call the vet", "+ order dog food"],
    ),
    said(
        "add water the plants. Also add vacuum the living room.",
        does=["+ water the plants", "+ vacuum the living room"],
    ),
    said(
        "remind me to charge the camera and remind me to buy a memory card",
        does=["+ charge the camera", "+ buy a memory card"],
    ),
    said("add buy bread and butter as one task", does=["+ buy bread and butter"]),
    said(
        "add a task buy paint with the description two cans of white, matte",
        does=["+ buy paint | two cans of white, matte"],
    ),
    said(
        "Create a task 'Team dinner' with description 'reserve a table for 8 at Luigi'",
        does=["+ Team dinner | reserve a table for 8 at Luigi"],
    ),
    said(
        "add call the landlord, note: ask about the heating",
        does=["+ call the landlord | ask about the heating"],
    ),
    said(
        "Add a task to renew my passport. Description: photos are in the drawer.",
        does=["+ renew my passport | photos are in the drawer"],
    ),
    said(
        "new task: plan the workshop, details: invite Sam and Kim",
        does=["+ plan the workshop | invite Sam and Kim"],
    ),
    said(
        "add buy a gift for dad with a note saying he likes fishing",
        does=["+ buy a gift for dad | he likes fishing"],
    ),
)
