// The Live call panel: one's own session, wherever it was begun. What it says about who hears what is what the
// bridges and snoops say; a button only shows what was asked for.

import type { VNode } from "preact";
import type { Mode, Session, SessionRight } from "../../contract.ts";
import { classes, html } from "../../html.ts";
import { link } from "../../live/link.ts";
import { shortcuts } from "../../live/preferences.ts";
import { hello, sessions } from "../../live/state.ts";
import { Gated } from "../../parts/gated.ts";
import { Icon, type IconName } from "../../parts/icons.ts";
import { plainKey } from "../../parts/keys.ts";
import { Avatar, Duration, Tag } from "../../parts/small.ts";
import { tell } from "../../parts/toasts.ts";
import { MODE_LABEL, MODES, otherParty } from "../../text.ts";
import { Attendees } from "./attendees.ts";
import { Following } from "./following.ts";
import { InTheCall } from "./inthecall.ts";
import { dismiss, giveReason, leave, underway, type Wish, wish } from "./wishes.ts";

/** Every session of mine; there is usually one. */
export function Panel(): VNode | null {
  if (sessions.value.length === 0) return null;
  return html`<aside id="panel" class="panel" aria-label="Live call" tabIndex=${-1}>
    ${sessions.value.map((session) => html`<${One} key=${session.id} session=${session} />`)}
  </aside>`;
}

function One({ session }: { session: Session }): VNode {
  const keys = (event: KeyboardEvent) => onKey(event, session);
  return html`<section class=${classes("live", `mode-${session.now.mode}`, `stage-${session.stage}`)} onKeyDown=${keys}
      aria-label=${`${session.agent.name}’s call`} tabIndex=${0} data-session=${session.id}>
    <${Heading} session=${session} />
    ${session.stage === "closed" ? html`<${Closed} session=${session} />` : html`<${Open} session=${session} />`}
  </section>`;
}

function Heading({ session: { agent, call, now, stage, source } }: { session: Session }): VNode {
  const other = call ? otherParty(call) : "";
  return html`<header class="live-head"><${Avatar} name=${agent.name} mode=${stage === "live" ? now.mode : ""} />
    <div class="live-who"><h2>${agent.name}</h2>
      <p>${call ? html`with <b>${other}</b>${call.queue && ` · ${call.queue}`}` : stage === "closed" ? "Ended" : "No call"}</p></div>
    <div class="live-time"><${Duration} since=${stage === "closed" ? null : (call?.since ?? null)} />
      ${source === "phone" && html`<${Tag} icon="phone">From the phone<//>`}</div>
  </header>`;
}

function Closed({ session }: { session: Session }): VNode {
  return html`<div class="live-closed" role="status"><p>${session.says || "The session has ended."}</p>
    <button type="button" class="button" onClick=${() => dismiss(session)}>Close</button></div>`;
}

function Open({ session }: { session: Session }): VNode {
  const { stage } = session;
  return html`
    ${stage === "own" ? html`<${Own} session=${session} />` : stage === "live" ? html`<${HearsMe} session=${session} />` : html`<${Coming} session=${session} />`}
    <${Asks} session=${session} />
    ${session.refused && html`<p class="notice notice-bad" role="alert"><${Icon} name="warning" />${session.refused.says}</p>`}
    ${!TO_COME.has(stage) && html`${stage !== "own" && html`<${Modes} session=${session} /><${Voice} session=${session} />`}
      <${Attendees} session=${session} /><${InTheCall} session=${session} />
      ${stage !== "own" && html`<${Following} session=${session} />`}`}
    <footer class="live-foot"><button type="button" class="button leave wide" onClick=${() => leave(session)} disabled=${link.value.state !== "live"}>
      <${Icon} name="leave" />${stage === "waiting" ? "Stop waiting" : "Leave the call"}</button></footer>`;
}

/** What the rule of the last wish asks for first. A reason may be chosen here as well; a PIN is for the phone alone. */
function Asks({ session }: { session: Session }): VNode | null {
  if (!session.asks) return null;
  if (session.asks === "pin") {
    return html`<p class="notice" role="status"><${Icon} name="phone" />Your phone asks for your PIN. Key it in there.</p>`;
  }
  return html`<div class="notice" role="status"><${Icon} name="phone" /><label class="field"><span>A reason is asked for. Choose it, or key it in on your phone.</span>
    <select value="" onChange=${(event: Event) => giveReason(session, (event.target as HTMLSelectElement).value)}>
      <option value="">Choose a reason</option>
      ${(hello.value?.reasons ?? []).map(({ code, name }) => html`<option value=${code}>${name}</option>`)}
    </select></label></div>`;
}

/** The stages before there is a session. */
const TO_COME: ReadonlySet<Session["stage"]> = new Set(["ringing", "waiting"]);

const COMING: Partial<Record<Session["stage"], { icon: IconName; title: string; hint: string }>> = {
  ringing: { icon: "phone", title: "Your phone is ringing", hint: "Pick it up to join." },
  waiting: { icon: "wait", title: "Waiting for the next call", hint: "Stay on the phone: you are joined to it in monitor." },
};

function Coming({ session: { stage, since } }: { session: Session }): VNode {
  const { icon, title, hint } = COMING[stage] ?? { icon: "phone" as const, title: "Joining the call", hint: "A moment." };
  return html`<div class=${classes("hears", "hears-coming", stage === "ringing" && "hears-ringing")} role="status"><${Icon} name=${icon} size=${26} />
    <p><b>${title}</b><small>${hint}</small></p>${stage === "waiting" && html`<${Duration} since=${since} />`}</div>`;
}

/** The call was taken over: it is an ordinary call of mine, and there is no mode to choose. */
function Own({ session: { agent } }: { session: Session }): VNode {
  return html`<div class="hears hears-everybody" role="status" data-hears="everybody"><${Icon} name="takeover" size=${26} />
    <p><b>The call is yours</b><small>Hand it back to ${agent.name}, or end it on your phone.</small></p></div>`;
}

const HEARS: Record<Session["hears_me"]["who"], { icon: IconName; title: string }> = {
  nobody: { icon: "muted", title: "Nobody hears you" },
  agent: { icon: "coach", title: "Only the agent hears you" },
  some: { icon: "mic", title: "Some hear you" },
  everybody: { icon: "barge", title: "Everybody hears you" },
};

/** The truth line. When it cannot be known, it says so. */
function HearsMe({ session: { hears_me: hears, private: closed } }: { session: Session }): VNode {
  if (link.value.state !== "live") {
    return html`<div class="hears hears-unknown" role="status"><${Icon} name="warning" size=${26} />
      <p><b>Not known who hears you</b><small>The connection is lost. Be silent, or use the keys on your phone: 0 mutes.</small></p></div>`;
  }
  if (closed && hears.who === "nobody") {
    return html`<div class="hears hears-nobody" role="status" data-hears="nobody"><${Icon} name="lock" size=${26} />
      <p><b>The call is private</b><small>You hear nobody, and nobody hears you, until that is over.</small></p></div>`;
  }
  const { icon, title } = HEARS[hears.who];
  return html`<div class=${`hears hears-${hears.who}`} role="status" data-hears=${hears.who}><${Icon} name=${icon} size=${26} />
    <p><b>${hears.says || title}</b><small>${hears.who === "nobody" ? "You hear everybody in the call." : "Read from Asterisk’s bridges."}</small></p></div>`;
}

function right(session: Session, name: SessionRight): { allowed: boolean; says: string } {
  return session.may[name] ?? { allowed: false, says: "Not possible now." };
}

function Modes({ session }: { session: Session }): VNode {
  const switching = session.mode !== session.now.mode;
  return html`<div class="modes" role="group" aria-label="Mode">
    ${MODES.map((mode: Mode) => html`<${Gated} key=${mode} kind=${classes("mode-button", `mode-${mode}`, switching && session.mode === mode && "coming")}
      pressed=${session.now.mode === mode} ...${right(session, mode)} act=${() => session.mode !== mode && wish(session, { mode })}>
      <${Icon} name=${mode} />${MODE_LABEL[mode]}<//>`)}
  </div>`;
}

function Voice({ session }: { session: Session }): VNode {
  const muted = session.now.muted;
  const hidden = session.visibility === "hidden";
  const busy = underway.value.has(session.id);
  return html`<div class="voice">
    <${Gated} kind=${classes("toggle", muted ? "is-muted" : "is-open")} busy=${busy} ...${right(session, muted ? "unmute" : "mute")} act=${() => wish(session, { muted: !muted })}>
      <${Icon} name=${muted ? "muted" : "mic"} /><span class="toggle-text"><b>${muted ? "Muted" : "Mic open"}</b><small>${muted ? "Unmute" : "Mute"}</small></span><//>
    <${Gated} kind=${classes("toggle", hidden ? "is-hidden" : "is-visible")} busy=${busy} ...${right(session, hidden ? "visible" : "hidden")}
      act=${() => wish(session, { visibility: hidden ? "visible" : "hidden" })}>
      <${Icon} name=${hidden ? "hidden" : "visible"} /><span class="toggle-text"><b>${hidden ? "Hidden" : "Visible"}</b><small>${hidden ? "Make me visible" : "Hide me"}</small></span><//>
  </div>`;
}

/** The keys are the phone's: they say what is to be, never the other way round. */
const KEYS: Record<string, [SessionRight, Wish]> = {
  "4": ["monitor", { mode: "monitor" }],
  "5": ["coach", { mode: "coach" }],
  "6": ["barge", { mode: "barge" }],
  "0": ["mute", { muted: true }],
  "1": ["unmute", { muted: false }],
  "7": ["hidden", { visibility: "hidden" }],
  "8": ["visible", { visibility: "visible" }],
};

function onKey(event: KeyboardEvent, session: Session): void {
  const found = KEYS[event.key];
  if (!found || !plainKey(event) || shortcuts.value === "off" || session.stage === "closed") return;
  event.preventDefault();
  const [name, what] = found;
  const { allowed, says } = right(session, name);
  if (allowed && link.value.state === "live") wish(session, what);
  else if (!allowed) tell({ kind: "refused", says });
}
