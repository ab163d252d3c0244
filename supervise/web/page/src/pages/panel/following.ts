// What becomes of the supervisor when the call ends or moves on: the keys 9 and 5 to 7 of the phone.

import type { VNode } from "preact";
import type { Follow, Session } from "../../contract.ts";
import { html } from "../../html.ts";
import { Gated } from "../../parts/gated.ts";
import { underway, wish } from "./wishes.ts";

const CHOICES: readonly [Follow, string][] = [
  ["this-call", "Leave with it"],
  ["agent", "Stay with the agent"],
  ["customer", "Go with the customer"],
];

/** One of three; those that are not allowed say why. */
export function Following({ session }: { session: Session }): VNode {
  const busy = underway.value.has(session.id);
  return html`<div class="following" role="group" aria-labelledby=${`follow-${session.id}`}>
    <h3 id=${`follow-${session.id}`}>When the call ends or moves on</h3>
    ${CHOICES.map(([follow, label]) => {
      const may = session.may[`follow-${follow}`] ?? { allowed: false, says: "Not possible now." };
      const act = () => session.follow !== follow && wish(session, { follow });
      return html`<${Gated} key=${follow} pressed=${session.follow === follow} busy=${busy} ...${may} act=${act}>${label}<//>`;
    })}
  </div>`;
}
