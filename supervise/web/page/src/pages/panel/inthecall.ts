// What one may do to the call itself. What cannot be taken back is asked about once more, in its place.

import { useEffect, useState } from "preact/hooks";
import type { VNode } from "preact";
import type { Session, SessionAction } from "../../contract.ts";
import { html } from "../../html.ts";
import { Gated } from "../../parts/gated.ts";
import { Icon, type IconName } from "../../parts/icons.ts";
import { act, underway } from "./wishes.ts";

interface Deed {
  icon: IconName;
  label: (agent: string) => string;
  sure?: (agent: string) => string;
}

const DEEDS: Record<SessionAction, Deed> = {
  hold: { icon: "hold", label: (agent) => `Hold ${agent}` },
  "bring-back": { icon: "play", label: (agent) => `Bring ${agent} back` },
  remove: { icon: "remove", label: (agent) => `Remove ${agent}`, sure: (agent) => `${agent} leaves the call, and you stay with the customer.` },
  "take-over": { icon: "takeover", label: () => "Take over", sure: (agent) => `The call becomes yours, without ${agent}. You can hand it back.` },
  "hand-back": { icon: "handback", label: (agent) => `Hand back to ${agent}` },
};

const SURE_MS = 8_000;
const NOT_NOW = { allowed: false, says: "Not possible now." };

/** The buttons; of a pair only the one that makes sense. */
export function InTheCall({ session }: { session: Session }): VNode | null {
  const [sure, ask] = useState<SessionAction | null>(null);
  useEffect(() => {
    const forget = setTimeout(() => ask(null), SURE_MS);
    return () => clearTimeout(forget);
  }, [sure, session.version]);
  const held = session.attendees.some(({ id, held: put }) => id === session.agent.id && put);
  const removed = session.may["bring-back"]?.allowed === true && session.may.hold?.allowed !== true;
  const taken = session.may["hand-back"]?.allowed === true;
  const deeds: SessionAction[] = [held || removed ? "bring-back" : "hold", "remove", taken ? "hand-back" : "take-over"];
  const shown = deeds.filter((deed) => session.may[deed] !== undefined);
  if (shown.length === 0) return null;
  const name = session.agent.name.split(" ")[0] ?? session.agent.name;
  const gate = (deed: SessionAction) => ({ ...(session.may[deed] ?? NOT_NOW), busy: underway.value.has(session.id) });
  if (sure) {
    const yes = () => {
      ask(null);
      act(session, sure);
    };
    return html`<div class="deeds" role="group" aria-label="In the call">
      <p class="hint" role="status">${DEEDS[sure].sure?.(name)}</p>
      <button type="button" class="button" onClick=${() => ask(null)}>Cancel</button>
      <${Gated} kind="sure" ...${gate(sure)} act=${yes}>${DEEDS[sure].label(name)}<//>
    </div>`;
  }
  return html`<div class="deeds" role="group" aria-label="In the call">
    ${shown.map((deed) => html`<${Gated} key=${deed} ...${gate(deed)} act=${() => (DEEDS[deed].sure ? ask(deed) : act(session, deed))}>
      <${Icon} name=${DEEDS[deed].icon} />${DEEDS[deed].label(name)}<//>`)}
  </div>`;
}
