// Who is in the call, by what they are in it. Coach stands beside each agent who can be coached.

import type { VNode } from "preact";
import type { Attendee, Session } from "../../contract.ts";
import { classes, html } from "../../html.ts";
import { Gated } from "../../parts/gated.ts";
import { Icon } from "../../parts/icons.ts";
import { Avatar, Tag } from "../../parts/small.ts";
import { masked, MODE_LABEL } from "../../text.ts";
import { wish } from "./wishes.ts";

const PARTS: readonly [Attendee["kind"], string][] = [
  ["supervisor", "Supervisors"],
  ["agent", "Agents"],
  ["external", "External participants"],
];

/** All of them. */
export function Attendees({ session }: { session: Session }): VNode {
  return html`<div class="attendees">${PARTS.map(([kind, title]) => {
    const here = session.attendees.filter((one) => one.kind === kind);
    return here.length > 0 && html`<h3>${title}</h3><ul>${here.map((one) => html`<${One} key=${one.id || one.number || one.name} one=${one} session=${session} />`)}</ul>`;
  })}</div>`;
}

function One({ one, session }: { one: Attendee; session: Session }): VNode {
  const number = masked(one.number);
  const name = one.name || number || "Unknown";
  const below = one.kind === "supervisor" && one.mode ? MODE_LABEL[one.mode] + (one.muted ? ", muted" : ", microphone open") : one.name ? number : "";
  return html`<li class=${classes("attendee", one.hears_me && "attendee-hears")}>
    <${Avatar} name=${name} mode=${one.mode ?? ""} />
    <span class="who-text"><b title=${name}>${name}${one.me && " (you)"}</b><small>${below}</small></span>
    ${one.held && html`<${Tag} icon="hold" tone="warn">Hold<//>`}
    ${one.visibility === "hidden" && html`<${Tag} icon="hidden">Hidden<//>`}
    ${one.hears_me && html`<span class="hears-mark" title="Hears you now"><${Icon} name="mic" size=${16} /><span class="visually-hidden">Hears you now</span></span>`}
    ${one.coachable && html`<${Coach} one=${one} session=${session} />`}
  </li>`;
}

function Coach({ one, session }: { one: Attendee; session: Session }): VNode {
  const other = one.id !== session.agent.id;
  const may = session.may.coach ?? { allowed: false, says: "Coaching is not possible now." };
  const act = () => wish(session, { mode: "coach", agent: one.id });
  return html`<${Gated} kind="small mode-coach" ...${may} pressed=${!other && session.now.mode === "coach"} label=${`Coach ${one.name}`} act=${act}>Coach<//>`;
}
