// The agent's page: my call, who is with me and how, raising a hand, and who was with me before.

import { useState } from "preact/hooks";
import type { VNode } from "preact";
import type { Call, Mine, Presence } from "../contract.ts";
import { classes, html } from "../html.ts";
import { change, RefusedError } from "../live/request.ts";
import { mine } from "../live/state.ts";
import { Gated } from "../parts/gated.ts";
import { Icon } from "../parts/icons.ts";
import { Avatar, Duration, Nothing, Tag, Waiting } from "../parts/small.ts";
import { tell } from "../parts/toasts.ts";
import { DIRECTION_LABEL, listed, masked, MODE_LABEL, otherParty } from "../text.ts";
import { MySupervision } from "./history/mysupervision.ts";

/** The page. */
export function Agent(): VNode {
  const now = mine.value;
  return html`<main id="main" class="agent" tabIndex=${-1}>
    ${now === null ? html`<${Waiting} lines=${4} says="Your call is coming." />` : html`
      <${Bar} with_me=${now.with_me} />
      <div class="agent-columns">
        <div>${now.call ? html`<${MyCall} call=${now.call} />` : html`<${Nothing} icon="phone" title="You are in no call">
            During a call you see here who you talk to, and which supervisor is with you.<//>`}
          <${WithMe} with_me=${now.with_me} /></div>
        <div><${Transfer} with_me=${now.with_me} /><${RaiseHand} now=${now} /></div>
      </div>`}
    <${MySupervision} />
  </main>`;
}

/** Green as soon as somebody is there; nothing otherwise, but the place is kept. */
function Bar({ with_me: here }: { with_me: readonly Presence[] }): VNode {
  const there = here.length > 0;
  return html`<div class=${classes("green-bar", there && "green")} role="status" data-with=${here.length}>
    ${there ? html`${here.map((one) => html`<${Avatar} name=${one.name} mode=${one.mode} />`)}<p>${sentence(here)}</p>`
      : html`<${Icon} name="visible" /><p>No visible supervisor is with you.</p>`}
  </div>`;
}

function sentence(here: readonly Presence[]): string {
  const of = (says: (one: Presence) => boolean) => here.filter(says).map(({ name }) => name);
  const parts: [string[], string, string][] = [
    [of(({ mode, muted }) => mode === "barge" && !muted), "speaks to everybody in the call", "speak to everybody in the call"],
    [of(({ mode, muted }) => mode === "coach" && !muted), "speaks to you alone", "speak to you alone"],
    [of(({ mode, muted }) => mode === "monitor" || muted), "listens", "listen"],
  ];
  return `${parts.filter(([names]) => names.length > 0).map(([names, one, many]) => `${listed(names)} ${names.length > 1 ? many : one}`).join("; ")}.`;
}

function MyCall({ call }: { call: Call }): VNode {
  return html`<section class="tile my-call" aria-labelledby="my-call"><h2 id="my-call" class="visually-hidden">My call</h2>
    <${Icon} name=${call.direction} size=${24} />
    <div class="who-text"><b class="big">${otherParty(call)}</b><small>${[DIRECTION_LABEL[call.direction], call.queue, call.other.name && masked(call.other.number)].filter(Boolean).join(" · ")}</small></div>
    ${call.held_since && html`<${Tag} icon="hold" tone="warn">Hold <${Duration} since=${call.held_since} /><//>`}
    ${call.private && html`<${Tag} icon="lock">Private<//>`}
    <span class="big"><${Duration} since=${call.since} /></span></section>`;
}

function WithMe({ with_me: here }: { with_me: readonly Presence[] }): VNode | null {
  if (here.length === 0) return null;
  return html`<section class="tile" aria-labelledby="with-me"><h2 id="with-me">With me</h2><ul class="with-me">
    ${here.map((one) => html`<li key=${one.id} class="attendee"><${Avatar} name=${one.name} mode=${one.mode} />
      <span class="who-text"><b>${one.name}</b><small>${MODE_LABEL[one.mode]}${one.mode !== "monitor" && (one.muted ? ", muted" : ", microphone open")}</small></span>
      <${Duration} since=${one.since} /></li>`)}</ul></section>`;
}

/** Visible supervisors who may be handed the call; the place is there only while there is one. */
function Transfer({ with_me: here }: { with_me: readonly Presence[] }): VNode | null {
  const offered = here.filter(({ extension }) => extension);
  if (offered.length === 0) return null;
  return html`<section class="tile" aria-labelledby="transfer"><h2 id="transfer">Transfer the call to</h2><ul class="with-me">
    ${offered.map((one) => html`<li key=${one.id} class="attendee"><${Avatar} name=${one.name} />
      <span class="who-text"><b>${one.name}</b><small>Is with you now</small></span><kbd class="extension">${one.extension}</kbd></li>`)}</ul>
    <p class="hint">Transfer on your phone to this extension.</p></section>`;
}

function RaiseHand({ now }: { now: Mine }): VNode {
  const [reason, write] = useState("");
  const raised = now.hand;
  const raise = (event: Event) => {
    event.preventDefault();
    void ask(() => change("PUT", "/api/hand", { reason: reason.trim() }));
  };
  return html`<section class=${classes("tile hand-tile", raised && "hand-up")} aria-labelledby="raise"><h2 id="raise">Help from a lead</h2>
    ${raised ? html`<div role="status"><p class="hand-says"><${Icon} name="hand" size=${22} />${raised.answered_by ? html`<b>${raised.answered_by.name} is coming.</b>` : html`<b>Your hand is up.</b>`}
        <${Duration} since=${raised.since} /></p>${raised.reason && html`<p class="quoted">${raised.reason}</p>`}</div>
      <button type="button" class="button wide" onClick=${() => void ask(() => change("DELETE", "/api/hand"))}>Take it down</button>`
    : html`<form onSubmit=${raise}><label class="field"><span>What is it about?</span>
        <input type="text" maxlength="120" value=${reason} onInput=${(event: Event) => write((event.target as HTMLInputElement).value)} placeholder="Refund above my limit" /></label>
      <${Gated} kind="primary wide submit" allowed=${now.may_raise_hand} says="A hand can be raised during a call, where a lead may answer it."
        act=${() => void ask(() => change("PUT", "/api/hand", { reason: reason.trim() }))}><${Icon} name="hand" />Raise my hand<//></form>`}
  </section>`;
}

async function ask(request: () => Promise<unknown>): Promise<void> {
  try {
    await request();
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    tell({ kind: "refused", says: error.message });
  }
}
