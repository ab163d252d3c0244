import asyncio, time
import pytest
from supervise.lab.ear import Window
from supervise.lab.sound import Voice
from supervise.domain.records import Deed
from tests.support.supervising import *
from tests.support.ledger import *
from tests.support.spoken import spoken

pytestmark = pytest.mark.telephony

async def test_coach_silent(centre):
    async with spoken(centre) as said:
        at = await scene(centre)
        coach = STANCES[3]
        await at.take(coach); await asyncio.sleep(1.5); print(said.said); print(*at.centre.controller.log, sep="\n")
        await at.expect(coach)
        w = Window.last(1000)
        print("delay before", centre.hearing.continuity(at.supervisor, at.agent, w).delay_ms(50))
        for round in range(1):
            with centre.sniffer.keep():
                t0 = time.time_ns()
                at.customer.freeze()
                await said.until("you-may-be-inaudible", within=3)
                print("told after", (time.time_ns()-t0)/1e6)
                await until_recorded(centre, Deed.INAUDIBLE)
                print("rec after", (time.time_ns()-t0)/1e6)
                await centre.hearing.until(at.agent, hears={Voice.SUPERVISOR}, for_ms=300, within=3)
                t1 = time.time_ns()
                h = centre.hearing._moments(at.agent, Voice.SUPERVISOR, Window(t0-10**9, t1))
                gaps = max((b-a, a) for a,b in zip(h,h[1:]))
                pk=[(p.at_ns-t0)/1e6 for p in centre.sniffer.arrived(at.agent.rtp_address,t0,t1)]
                print("agent pkts", [round(x) for x in pk][:60])
                print("sup pkts from", [round((p.at_ns-t0)/1e6) for p in centre.sniffer.left(at.supervisor.rtp_address,t0+10**9,t1)][:5])
                print("gap", gaps[0]/1e6, "starting after", (gaps[1]-t0)/1e6)
                await asyncio.sleep(1)
                c = centre.hearing.continuity(at.supervisor, at.agent, Window.last(900))
                print("delay after carrier", c.delay_ms(1), c.delay_ms(50), c.delay_ms(99), c)
                print(said.said)
                at.customer.thaw()
                await centre.hearing.until(at.agent, hears={Voice.SUPERVISOR, Voice.CUSTOMER}, for_ms=300, within=5)
                await asyncio.sleep(2)
                c = centre.hearing.continuity(at.supervisor, at.agent, Window.last(900))
                print("delay after thaw", c.delay_ms(50), c.delay_ms(99))
                print(said.said)
                print([ (r.deed, r.reason) for r in records(centre)])
