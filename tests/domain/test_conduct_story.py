"""Any story of wishes, late answers, failures and revoked rights keeps the promises of the design."""

from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from supervise.domain.records import Deed
from supervise.domain.rights.decisions import (
    Action,
    Allowed,
    Rights,
)
from supervise.domain.sessions import happenings as h
from supervise.domain.sessions.moves import MOVING_DEEDS
from supervise.domain.sessions.session import AgentPlace, Person, Stage
from supervise.domain.words import Mode, Visibility
from tests.support.nonsense import expect_nonsense_refused
from tests.support.stories import ALL, ENDS, MOVES, PRIVATE, RIGHTS, WISHES, with_outcomes
from tests.support.world import AGENT, CONSULT, CUSTOMER, SECOND, SUPERVISOR, Outcome, World

pytestmark = pytest.mark.unit


class SessionStory(RuleBasedStateMachine):
    """One session in a world where every order may fail and every answer may come late."""

    world: World
    open_rights: Rights

    @initialize(rights=RIGHTS, start=st.sampled_from(Visibility))
    def dial(self, rights: Rights, start: Visibility) -> None:
        """Open a session, in monitor, that the policy allowed."""
        allowed = Allowed("p:1", frozenset(Visibility))
        self.world = World(replace(rights, modes={**rights.modes, Mode.MONITOR: allowed}))
        self.world.session = replace(self.world.session, visibility=start)
        self.world.watch = self.promises_hold
        self.world.begin()

    @rule(wish=WISHES)
    def wish(self, wish: h.Happening) -> None:
        """Press a key, or lose the customer's sound."""
        self.world.happen(wish)

    @rule(wish=MOVES)
    def moves_the_agent(self, wish: h.Happening) -> None:
        """Hold, bring back, remove, take over."""
        self.world.happen(wish)

    @rule(wish=MOVES)
    @precondition(lambda self: self.world.agent in self.world.call)
    def agent_transfers_before_they_are_moved(self, wish: h.Happening) -> None:
        """The key and the agent's own transfer come in the same moment."""
        self.world.transferring = True
        self.world.happen(wish)
        self.world.transferring = False

    @rule()
    @precondition(lambda self: self.world.kept)
    def supervisor_is_in_the_call(self) -> None:
        """Asterisk tells that the supervisor's phone has left our hands."""
        self.world.happen(h.SupervisorGone())

    @rule()
    @precondition(lambda self: self.world.agent not in self.world.call and not self.world.removed)
    def held_agent_goes(self) -> None:
        """An agent hangs up on hold."""
        self.world.removed = True
        self.world.happen(h.AgentGone())

    @rule()
    @precondition(lambda self: self.world.agent not in self.world.call and not self.world.removed)
    def held_agent_returns(self) -> None:
        """Asterisk has put the agent back, as a lease ran out."""
        self.world.call.add(self.world.agent)
        self.world.happen(h.AgentReturned())

    @rule()
    @precondition(lambda self: self.world.calling)
    def called_agent_answers(self) -> None:
        """An agent who was removed is back."""
        self.world.answer()

    @rule(outcomes=st.lists(st.sampled_from(Outcome), min_size=1, max_size=12))
    @precondition(lambda self: self.world.calling)
    def called_agent_answers_in_trouble(self, outcomes: list[Outcome]) -> None:
        """The same while Asterisk or the journal fails."""
        with_outcomes(self.world, outcomes, self.world.answer)

    @rule(busy=st.booleans())
    @precondition(lambda self: self.world.calling)
    def called_agent_does_not_answer(self, *, busy: bool) -> None:
        """An agent who was removed is not to be had."""
        self.world.decline(busy=busy)

    @rule()
    @precondition(lambda self: self.world.agent in self.world.call)
    def parts(self) -> None:
        """The agent is between two bridges."""
        self.world.happen(h.Parted())

    @rule()
    @precondition(lambda self: AGENT in self.world.call)
    def stays_away(self) -> None:
        """The agent has been away for more than a moment."""
        self.world.happen(h.Astray())

    @rule()
    def rejoins(self) -> None:
        """The agent is back in the same call."""
        self.world.happen(h.Rejoined())

    @rule()
    def regroups(self) -> None:
        """Others come beside the agent, or go."""
        self.world.happen(h.Regrouped())

    @rule(data=st.data())
    @precondition(lambda self: self.world.unannounced)
    def tap_comes(self, data: st.DataObject) -> None:
        """A tap is announced, in any order."""
        self.world.announce(data.draw(st.integers(0, len(self.world.unannounced) - 1)))

    @rule(data=st.data())
    @precondition(lambda self: self.world.taps)
    def tap_goes(self, data: st.DataObject) -> None:
        """A tap ends by itself."""
        self.world.lose(data.draw(st.sampled_from(sorted(self.world.taps, key=str))))

    @rule(rights=RIGHTS)
    def policy_changes(self, rights: Rights) -> None:
        """The policy is another one now."""
        self.world.rights = rights
        self.world.happen(h.RightsChanged())

    @rule(rights=RIGHTS)
    def policy_changes_untold(self, rights: Rights) -> None:
        """The policy is another one now, and the session is about to be told."""
        self.world.rights = rights

    @rule(outcomes=st.lists(st.sampled_from(Outcome), max_size=12))
    def call_becomes_private(self, outcomes: list[Outcome]) -> None:
        """A call is marked private, by whoever, perhaps while Asterisk or the journal fails."""
        rights, self.open_rights = self.world.rights, self.world.rights
        self.world.rights = replace(rights, modes=PRIVATE, actions=dict.fromkeys(rights.actions, PRIVATE[Mode.BARGE]))
        with_outcomes(self.world, outcomes, lambda: self.world.happen(h.RightsChanged()))

    @rule(outcomes=st.lists(st.sampled_from(Outcome), max_size=12))
    @precondition(lambda self: self.world.rights.private)
    def call_is_private_no_longer(self, outcomes: list[Outcome]) -> None:
        """The mark is lifted, and everything is as it was, or the journal fails."""
        self.world.rights = self.open_rights
        with_outcomes(self.world, outcomes, lambda: self.world.happen(h.RightsChanged()))

    @rule(wish=st.one_of(WISHES, MOVES), outcomes=st.lists(st.sampled_from(Outcome), min_size=1, max_size=12))
    def wish_in_trouble(self, wish: h.Happening, outcomes: list[Outcome]) -> None:
        """Press a key while Asterisk or the journal fails."""
        with_outcomes(self.world, outcomes, lambda: self.world.happen(wish))

    @rule(outcomes=st.lists(st.sampled_from(Outcome), min_size=1, max_size=12))
    @precondition(lambda self: self.world.unannounced)
    def tap_comes_in_trouble(self, outcomes: list[Outcome]) -> None:
        """A tap is announced while Asterisk or the journal fails."""
        with_outcomes(self.world, outcomes, self.world.announce)

    @rule(ending=ENDS)
    def ends(self, ending: h.Happening) -> None:
        """Somebody leaves."""
        self.world.happen(ending)

    @invariant()
    def promises_hold(self) -> None:
        """The customer hears a supervisor only in barge, an agent only in coach or barge, and nobody themselves."""
        world = self.world
        if world.kept:
            return  # a call like any other, and the supervisor a party of it
        modes = {world.session.stance.mode, world.session.wanted.mode}
        heard_by = world.heard_by()
        if CUSTOMER in heard_by:
            assert Mode.BARGE in modes
            assert any(w.mode is Mode.BARGE and not w.muted and w.must for w in world.written)
        for agent in heard_by & {AGENT, SECOND, world.agent}:
            assert modes & {Mode.COACH, Mode.BARGE}
            assert any(not w.muted and w.must for w in world.written)
            assert agent == world.agent or Mode.BARGE in modes
        for phone in (AGENT, SECOND, CUSTOMER, SUPERVISOR):
            assert phone not in world.hears(phone)
        if {AGENT, CUSTOMER} <= world.call:
            assert CUSTOMER in world.hears(AGENT)
            assert AGENT in world.hears(CUSTOMER)
        elif CUSTOMER in world.call and SECOND not in world.call:
            assert any(w.deed in MOVING_DEEDS and w.must for w in world.written)
        assert not world.abandoned

    @invariant()
    def voice_goes_no_further_than_wanted(self) -> None:
        """Between two happenings the supervisor is heard by nobody whom they do not want to speak to now."""
        wanted = self.world.session.wanted
        if self.world.kept:
            return
        alone = CONSULT in self.world.room
        assert self.world.heard_by() <= (frozenset({CONSULT}) if alone else self.world.hearers(wanted.reach))

    @invariant()
    def private_calls_are_heard_by_nobody(self) -> None:
        """While a session waits for the end of a private part, no sound goes either way, and the two go on talking."""
        world = self.world
        if world.session.stage is Stage.CLOSED or not world.session.private:
            return
        assert world.heard_by() <= {CONSULT}
        assert world.hears(SUPERVISOR) <= {CONSULT}
        if not world.removed:
            assert world.agent in world.call
            assert not world.taps, "nothing of ours in the call"

    @invariant()
    def settled_sessions_do_what_they_say(self) -> None:
        """With nothing on its way, everybody hears exactly what the stance says, and the stance is what is wanted."""
        world = self.world
        if world.session.stage is not Stage.LIVE or world.session.coming is not None or world.kept:
            return
        if world.session.suspended:
            with_the_agent = {CONSULT} if world.session.consulting else set[str]()
            assert world.heard_by() == with_the_agent
            assert world.hears(SUPERVISOR) == with_the_agent
            return
        assert world.session.stance == world.session.wanted
        assert world.session.agent_place is world.session.agent_wanted
        assert (world.agent in world.call) is (world.session.agent_place is AgentPlace.IN_CALL)
        assert world.heard_by() == world.hearers(world.session.stance.reach) & world.call
        muffled = world.session.quiet and str(world.session.seat) not in world.room
        assert world.hears(SUPERVISOR) == ({world.agent} if muffled else world.call - {SUPERVISOR}) & world.call

    @invariant()
    def nothing_heard_without_a_record(self) -> None:
        """No sound reaches the supervisor before the opening is written, and after a private part its end."""
        if self.world.hears(SUPERVISOR):
            assert self.world.written[0].deed is Deed.OPENED
            consulted = any(w.deed is Deed.CONSULT and w.must for w in self.world.written)
            assert consulted or CONSULT not in self.world.hears(SUPERVISOR)
            marks = [w.deed for w in self.world.written if w.deed in (Deed.PRIVATE, Deed.PRIVATE_OVER)]
            alone = self.world.hears(SUPERVISOR) == {CONSULT}
            assert self.world.kept or alone or not marks or marks[-1] is Deed.PRIVATE_OVER

    @invariant()
    def what_is_right_is_not_refused(self) -> None:
        """The guard before each order, which computes what would be heard after it, stands in nobody's way."""
        assert not self.world.refused

    @invariant()
    def two_in_the_room(self) -> None:
        """The room never holds two taps."""
        assert len(self.world.room - {SUPERVISOR}) <= 1

    def teardown(self) -> None:
        """Everything that was opened is closed when the session ends, whatever came before."""
        world = self.world
        world.happen(h.SupervisorGone())
        world.settle()
        assert world.session.stage is Stage.CLOSED
        world.leases_run_out()
        assert not world.abandoned
        assert not world.room
        assert world.kept or not world.heard_by()
        assert not world.taps
        assert not world.calling, "a phone rings for nobody"
        assert sum(w.deed is Deed.CLOSED for w in world.written) <= 1


SessionStory.TestCase.settings = settings(settings.get_profile("stories"), max_examples=300, stateful_step_count=40)
TestSessionStory = SessionStory.TestCase


class BargeStory(SessionStory):
    """The same, from a barge on by somebody who may do everything: it is there that agents are moved."""

    @initialize(held=st.booleans())
    def dial(self, held: bool) -> None:  # noqa: FBT001 - hypothesis gives it by name
        """Open a session in monitor, and go to barge; the agent may be on hold already."""
        self.world = World(ALL)
        self.world.watch = self.promises_hold
        self.world.begin()
        self.world.settle()
        self.world.happen(h.ModeAsked(Mode.BARGE))
        self.world.settle()
        if held:
            self.world.happen(h.ActionAsked(Action.HOLD_AGENT))

    @rule()
    def everything_is_allowed(self) -> None:
        """The policy is generous again."""
        self.world.rights = ALL
        self.world.happen(h.RightsChanged())


class ConsultStory(BargeStory):
    """The same, with an agent who wants to hand the call over, and calls the supervisor first, or does not."""

    @rule(outcomes=st.lists(st.sampled_from(Outcome), max_size=8))
    def agent_calls(self, outcomes: list[Outcome]) -> None:
        """It rings, unless it may not."""
        with_outcomes(self.world, outcomes, lambda: self.world.happen(h.Consulted(CONSULT)))

    @rule(outcomes=st.lists(st.sampled_from(Outcome), max_size=8))
    def supervisor_answers(self, outcomes: list[Outcome]) -> None:
        """The two talk, if it rings."""
        with_outcomes(self.world, outcomes, lambda: self.world.happen(h.ConsultAnswered()))

    @rule()
    def agent_hangs_up(self) -> None:
        """The agent does not want to hand it over any more."""
        self.world.room.discard(CONSULT)
        self.world.happen(h.ConsultEnded(CONSULT))

    @rule(outcomes=st.lists(st.sampled_from(Outcome), max_size=8))
    @precondition(lambda self: {AGENT, CUSTOMER} <= self.world.call)
    def call_is_sent(self, outcomes: list[Outcome]) -> None:
        """A blind transfer: the agent has gone, and the customer has come; they go on alone if they may not stay."""
        self.world.call -= {AGENT, CUSTOMER}
        self.world.removed = True
        with_outcomes(self.world, outcomes, lambda: self.world.happen(h.Handed(CUSTOMER)))
        assert self.world.kept or CUSTOMER in self.world.let_go
        self.world.happen(h.SupervisorGone() if self.world.kept else h.CallEnded())


ConsultStory.TestCase.settings = SessionStory.TestCase.settings
TestConsultStory = ConsultStory.TestCase

BargeStory.TestCase.settings = SessionStory.TestCase.settings
TestBargeStory = BargeStory.TestCase


class NonsenseStory(ConsultStory):
    """The same, and whatever could be ordered at any moment by a mistake is held against the guard."""

    @invariant()
    def nonsense_is_refused(self) -> None:
        """What would break a promise is refused, whatever has ordered it."""
        expect_nonsense_refused(self.world)


NonsenseStory.TestCase.settings = settings(SessionStory.TestCase.settings, max_examples=15)
TestNonsenseStory = NonsenseStory.TestCase


class SeveralStory(SessionStory):
    """The same with two agents in the call, towards each of whom the supervisor has rights of their own."""

    @initialize(rights=RIGHTS, towards=RIGHTS, start=st.sampled_from(Visibility))
    def dial(self, rights: Rights, towards: Rights, start: Visibility) -> None:
        """Open a session about the first agent."""
        super().dial(rights, start)
        self.world.call.add(SECOND)
        self.world.towards[SECOND] = towards

    @rule(agent=st.sampled_from([AGENT, SECOND]), mode=st.one_of(st.none(), st.sampled_from(Mode)))
    @precondition(lambda self: {AGENT, SECOND} <= self.world.call)
    def chooses(self, agent: str, mode: Mode | None) -> None:
        """Ask for either agent."""
        self.world.happen(h.AgentAsked(Person(agent, agent), "202", mode))

    @rule(
        agent=st.sampled_from([AGENT, SECOND]),
        mode=st.one_of(st.none(), st.sampled_from(Mode)),
        outcomes=st.lists(st.sampled_from(Outcome), min_size=1, max_size=12),
    )
    @precondition(lambda self: {AGENT, SECOND} <= self.world.call)
    def chooses_in_trouble(self, agent: str, mode: Mode | None, outcomes: list[Outcome]) -> None:
        """Ask for either agent while Asterisk or the journal fails."""
        with_outcomes(self.world, outcomes, lambda: self.chooses(agent, mode))

    @rule(towards=RIGHTS)
    def policy_changes_towards_the_second(self, towards: Rights) -> None:
        """The policy says another thing about the second agent."""
        self.world.towards[SECOND] = towards
        self.world.happen(h.RightsChanged())

    @rule()
    @precondition(lambda self: {AGENT, SECOND} <= self.world.call and not self.world.session.without_agent)
    def agent_leaves(self) -> None:
        """The agent hangs up, and the other one stays."""
        self.world.leave(self.world.agent)
        stays = (self.world.call & {AGENT, SECOND}).pop()
        self.world.happen(h.AgentLeft(Person(stays, stays), "202"))


SeveralStory.TestCase.settings = SessionStory.TestCase.settings
TestSeveralStory = SeveralStory.TestCase
