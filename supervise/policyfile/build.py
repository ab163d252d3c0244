"""The right parts of a policy as the domain knows them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, timedelta, tzinfo

from supervise.domain.rights.decisions import Action, CustomerNotice, Right, SessionRules, Sight, Tone
from supervise.domain.rights.hours import Hours, Window
from supervise.domain.rights.house import HouseRules, Keeping, Masking, PinRules
from supervise.domain.rights.limits import NO_LIMITS, Limits
from supervise.domain.rights.numbers import Numbering
from supervise.domain.rights.people import Person, Role, Team
from supervise.domain.rights.policy import Contents
from supervise.domain.rights.protect import Never
from supervise.domain.rights.rules import ALL_CALLS, NOBODY, Calls, Rule, Whom
from supervise.domain.words import Mode, Visibility
from supervise.policyfile.references import Draft, extension_of
from supervise.policyfile.schema.house import HousePart, TellCustomerPart, TonePart
from supervise.policyfile.schema.people import PersonPart
from supervise.policyfile.schema.rules import CallsPart, HoursPart, LimitsPart, NeverPart, RulePart, WhomPart

RIGHTS: Mapping[str, Right] = {right.value: right for kind in (Mode, Action, Sight) for right in kind}

TONES = {
    "1400-every-15": Tone(hertz=1400, length=500, every=15, first=500),
    "440-every-12": Tone(hertz=440, length=200, every=12, first=2000),
}
"""The tones of long practice: the recorder tone, and that of service observing with a long first one."""

_HOW = {
    "visible": frozenset({Visibility.VISIBLE}),
    "hidden": frozenset({Visibility.HIDDEN}),
    "choice": frozenset(Visibility),
}


def contents(draft: Draft) -> Contents:
    """What a policy says; everything that is named must be there."""
    part, source = draft.part, draft.source
    house = _house(part.house)
    return Contents(
        people=_people(draft),
        teams={
            name: Team(name, team.name or name, _set(team.queues), _optional(team.only_by), place)
            for (name, team), place in zip(part.teams.items(), source.places("teams"), strict=True)
        },
        roles={
            name: Role(name, role.name or name, role.admin, place)
            for (name, role), place in zip(part.roles.items(), source.places("roles"), strict=True)
        },
        rules=tuple(_Rules(draft, house.zone).all()),
        nevers=tuple(
            _never(source.place(("never", number)), never)
            for number, never in zip(draft.never, part.never, strict=True)
        ),
        house=house,
        reasons=part.reasons,
    )


def _set(names: Iterable[str] | None) -> frozenset[str]:
    return frozenset(names or ())


def _optional(names: Iterable[str] | None) -> frozenset[str] | None:
    return None if names is None else frozenset(names)


def _people(draft: Draft) -> dict[str, Person]:
    members: defaultdict[str, set[str]] = defaultdict(set)
    leads: defaultdict[str, set[str]] = defaultdict(set)
    for name, team in draft.part.teams.items():
        for person in team.members or ():
            members[person].add(name)
        for person in team.leads or ():
            leads[person].add(name)
    shared: dict[frozenset[str], frozenset[str]] = {}

    def one(names: Iterable[str]) -> frozenset[str]:
        """The same set for all who have the same teams: ten thousand people have few kinds of them."""
        found = frozenset(names)
        return shared.setdefault(found, found)

    def made(name: str, part: PersonPart, place: str) -> Person:
        led = one(leads.get(name, ()))
        return Person(
            name=name,
            display=part.name or name,
            role=part.role,
            endpoints=tuple(part.endpoint or ()),
            extension=extension_of(part),
            teams=one({*(part.teams or ()), *members.get(name, ()), *led}),
            leads=led,
            only_by=None if part.only_by is None else one(part.only_by),
            pin_hash=part.pin,
            login_hash=part.login,
            place=place,
        )

    people = draft.part.people.items()
    places = draft.source.places("people")
    return {name: made(name, part, place) for (name, part), place in zip(people, places, strict=True)}


class _Rules:
    """Makes the rules; it holds what they all refer to."""

    def __init__(self, draft: Draft, zone: tzinfo) -> None:
        self._draft = draft
        self._zone = zone
        self._named = {name: _hours(hours, zone) for name, hours in draft.part.hours.items()}

    def all(self) -> Iterable[Rule]:
        for number, rule in zip(self._draft.rules, self._draft.part.rules, strict=True):
            yield self._rule(self._draft.source.place(("rules", number)), rule)

    def _rule(self, place: str, rule: RulePart) -> Rule:
        return Rule(
            place=place,
            who=_set(rule.who),
            may=frozenset(RIGHTS[word] for word in rule.may),
            whom=_whom(rule.whom),
            but_not=_whom(rule.but_not) if rule.but_not else NOBODY,
            how=_HOW[rule.how],
            name=rule.name or "",
            even=frozenset(rule.even or ()),
            calls=_calls(rule.calls),
            hours=tuple(self._when(rule.when or ())),
            limits=_limits(rule.within),
            pin="pin" in (rule.with_ or ()),
            reason="reason" in (rule.with_ or ()),
        )

    def _when(self, when: Iterable[str | HoursPart]) -> Iterable[Hours]:
        for hours in when:
            if isinstance(hours, str):
                yield from self._named[hours]
            else:
                yield from _hours([hours], self._zone)


def _hours(parts: Iterable[HoursPart], zone: tzinfo) -> list[Hours]:
    return [
        Hours(
            (Window(frozenset().union(*(part.days or [list(range(7))])), part.from_, part.to),),
            part.zone or zone,
            frozenset(part.not_on or ()),
        )
        for part in parts
    ]


def _whom(part: WhomPart) -> Whom:
    return Whom(part.everybody, part.own_teams, _set(part.teams), _set(part.people), _set(part.roles))


def _calls(part: CallsPart | None) -> Calls:
    return ALL_CALLS if part is None else Calls(_set(part.queues), frozenset(part.directions or ()))


def _limits(part: LimitsPart | None) -> Limits:
    if part is None:
        return NO_LIMITS
    return Limits(
        on_call=part.sessions_per_call,
        at_once=part.sessions_at_once,
        agent_day=part.sessions_per_agent_a_day,
        agent_month=part.sessions_per_agent_a_month,
        minutes=part.minutes,
    )


def _never(place: str, part: NeverPart) -> Never:
    return Never(
        place=place,
        people=_set(part.people),
        teams=_set(part.teams),
        roles=_set(part.roles),
        endpoints=_set(part.endpoints),
        numbers=_set(part.numbers),
        prefixes=_set(part.prefixes),
        withheld=part.withheld,
        sights=part.sights,
        why=part.why or "",
    )


def _house(part: HousePart) -> HouseRules:
    mask = part.mask_numbers
    numbering = part.numbering
    return HouseRules(
        session=_session(part),
        zone=part.zone or UTC,
        limits=_limits(part.within),
        numbering=Numbering(numbering.country, numbering.international, numbering.national)
        if numbering
        else Numbering(),
        masking=Masking(_set(mask.for_) - {"everybody"}, "everybody" in mask.for_, mask.keep, mask.in_journal)
        if mask
        else Masking(),
        keeping=Keeping(
            part.journal.keep_days, part.journal.agents_see_visible, part.journal.agents_see_hidden_after_days
        ),
        pins=PinRules(part.pin.tries, timedelta(minutes=part.pin.lock_minutes), part.pin.all_tries_a_minute),
        private_variable=part.private.variable,
        agents_mark_private=part.private.agents_may_mark,
    )


def _session(part: HousePart) -> SessionRules:
    return SessionRules(
        visible_before={Mode.COACH: part.visible_before.coach, Mode.BARGE: part.visible_before.barge},
        start_muted=part.start_muted,
        start_visibility=part.start,
        notices=frozenset(part.tell_agent.by),
        notice_of=frozenset(part.tell_agent.of),
        customer=_customer(part.tell_customer),
        follow=part.follow,
        busy_while_supervising=part.busy_while_supervising,
        agent_lamp=part.agent_lamp,
        mid_session=part.private.mid_session,
    )


def _customer(part: TellCustomerPart | str) -> CustomerNotice:
    if isinstance(part, str):
        return CustomerNotice()
    return CustomerNotice(_tone(part.tone), part.announcement or "", frozenset(part.in_))


def _tone(tone: TonePart | str | None) -> Tone | None:
    if tone is None or isinstance(tone, str):
        return TONES[tone] if tone else None
    return Tone(tone.hertz, tone.length, tone.every, tone.first or tone.length)
