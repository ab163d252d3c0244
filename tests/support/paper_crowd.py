"""A working day on a board made of paper: what pictures are taken of."""

from tests.support.paper_people import Json, ago, call, may, may_wait, only_visible, present, row, talking

_FREE = ("Farid Aziz", "Gwen Hale", "Hugo Blanc", "Ines Roth", "Jonas Wik", "Karla Novak")

_AWAY = (
    ("Liam Byrne", "Phone not registered"),
    ("Mia Falk", "Paused in sales-in"),
    ("Noor Khan", "Do not disturb"),
    ("Omar Said", "Ringing"),
)


def working_day() -> list[Json]:
    """Five calls, each with something to see, six free agents and four who are not there."""
    hand = {"since": ago(20), "reason": "Refund above 500", "answered_by": None}
    withheld = {"number": "*******123", "name": ""}
    held = call(1260, held_since=ago(94), direction="outbound", queue="", other=withheld)
    private = call(640, private=True, other={"number": "", "name": ""}, queue="billing")
    no = "The call is private."
    council = "Dora Lind is supervised by Quality only."
    calls = [
        talking("Ben Okoro", "202", 95, hand=hand, order="0"),
        talking("Cleo Marin", "203", 1260, call=held, order="1"),
        talking("Anna Agent", "201", 212, order="2"),
        talking("Emil Strand", "205", 640, call=private, may=may(monitor=no, coach=no, barge=no), order="3"),
        talking(
            "Dora Lind",
            "204",
            31,
            may=only_visible(monitor=council, coach=council, barge=council),
            supervisors=[present("Quinn Abe", "monitor", visibility="hidden"), present("Sam Second", "coach")],
            order="4",
        ),
    ]
    waits = may_wait()
    free = [row(name, str(206 + at), since=ago(100 + at * 77), wait=waits) for at, name in enumerate(_FREE)]
    away = [
        row(name, str(220 + at), group="not-available", says=says, wait=waits, since=ago(900 * at + 44) if at else None)
        for at, (name, says) in enumerate(_AWAY)
    ]
    return [*calls, *free, *away]
