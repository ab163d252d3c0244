// One agent on the board. Every row of a group has the same height and the same columns, whatever is in it.

import type { Signal } from "@preact/signals";
import type { VNode } from "preact";
import type { Call, Mode, Presence, Row } from "../../contract.ts";
import { classes, html } from "../../html.ts";
import { second } from "../../live/clock.ts";
import { hello, sessions } from "../../live/state.ts";
import { Gated } from "../../parts/gated.ts";
import { Icon } from "../../parts/icons.ts";
import { Avatar, Duration, Tag } from "../../parts/small.ts";
import { age, DIRECTION_LABEL, masked, MODE_DOES, MODE_LABEL, MODES, otherParty, sentence } from "../../text.ts";
import { answer } from "./answering.ts";
import { begin, starting } from "./starting.ts";

interface Shown {
  row: Signal<Row>;
  current: boolean;
}

/** Somebody in a call: whom with, how long, who is with them, and what one may do. */
export function OnCall({ row: { value: row }, current }: Shown): VNode {
  const mine = sessions.value.find(({ agent, stage }) => agent.id === row.id && stage !== "closed");
  return html`<div role="row" class=${classes("row", "row-call", mine && `row-mine mode-${mine.mode}`, row.hand && "row-hand")}
    data-row=${row.id} tabIndex=${current ? 0 : -1}>
    <${Who} row=${row} />
    <div role="cell" class="cell-call">${row.call ? html`<${CallText} call=${row.call} />` : html`<span class="quiet-text">${sentence(row.says || "the call has ended")}</span>`}</div>
    <div role="cell" class="cell-time"><${Duration} since=${row.call?.since ?? row.since} long=${hello.value?.long.call_s} /></div>
    <div role="cell" class="cell-marks"><${Marks} row=${row} /></div>
    <div role="cell" class="cell-with"><${With} supervisors=${row.supervisors} /></div>
    <div role="cell" class="cell-do">${mine ? html`<${Mine} mode=${mine.mode} stage=${mine.stage} />` : row.may && MODES.map((mode) => html`<${Start} row=${row} mode=${mode} current=${current} />`)}</div>
  </div>`;
}

/** Somebody who is in no call: their name, and why or since when. */
export function Idle({ row: { value: row }, current }: Shown): VNode {
  const mine = sessions.value.find(({ agent, stage }) => agent.id === row.id && (stage === "ringing" || stage === "waiting"));
  return html`<div role="row" class=${classes("row", "row-idle", row.hand && "row-hand")} data-row=${row.id} tabIndex=${current ? 0 : -1}>
    <${Who} row=${row} />
    <div role="cell" class="cell-state">${row.hand ? html`<${HandTag} row=${row} />` : html`<span class="state-text">${sentence(row.says || (row.call ? "in a call" : ""))}</span>`}
      <${Duration} since=${row.since} /></div>
    <div role="cell" class="cell-wait">${mine ? html`<span class="mine mode-monitor" title=${mine.stage === "ringing" ? "Calling your phone" : "You wait for their next call"}><${Icon} name=${mine.stage === "ringing" ? "phone" : "wait"} size=${16} /><span class="visually-hidden">You wait for their next call</span></span>`
      : row.wait && html`<${Wait} row=${row} current=${current} />`}</div>
  </div>`;
}

/** For somebody in no call: be there as soon as they are in one. */
function Wait({ row, current }: { row: Row; current: boolean }): VNode {
  return html`<${Gated} kind="start quiet square mode-monitor" allowed=${row.wait?.allowed === true} says=${row.wait?.says ?? ""} act=${() => begin(row, "monitor")}
    label=${`Wait for the next call of ${row.name}`} title="Wait for their next call" tabIndex=${current ? 0 : -1} busy=${starting.value.has(row.id)}>
    <${Icon} name="wait" size=${16} /><//>`;
}

function Who({ row }: { row: Row }): VNode {
  const teams = row.teams.map(({ name }) => name).join(", ");
  return html`<div role="rowheader" class="cell-who"><span class=${classes("presence", `presence-${row.group}`)} aria-hidden="true"></span>
    <${Avatar} name=${row.name} />
    <span class="who-text"><b title=${row.name}>${row.name}</b><small title=${teams}>${row.extension}${teams && ` · ${teams}`}</small></span></div>`;
}

function CallText({ call }: { call: Call }): VNode {
  const other = otherParty(call);
  const number = call.other.name ? masked(call.other.number) : "";
  const below = [call.queue, number].filter(Boolean).join(" · ");
  return html`<span class="direction" title=${DIRECTION_LABEL[call.direction]}><${Icon} name=${call.direction} size=${16} />
      <span class="visually-hidden">${DIRECTION_LABEL[call.direction]}: </span></span>
    <span class="call-text"><span title=${other}>${other}</span><small title=${below}>${below || DIRECTION_LABEL[call.direction]}</small></span>`;
}

function Marks({ row }: { row: Row }): VNode {
  return html`
    ${row.hand && html`<${HandTag} row=${row} />`}
    ${row.call?.held_since && html`<${Hold} since=${row.call.held_since} />`}
    ${row.call?.private && html`<${Tag} icon="lock">Private<//>`}`;
}

function Hold({ since }: { since: string }): VNode {
  const long = age(since, second.value) >= (hello.value?.long.hold_s ?? Number.POSITIVE_INFINITY);
  return html`<${Tag} icon="hold" tone=${long ? "bad" : "warn"}>Hold <${Duration} since=${since} /><//>`;
}

function HandTag({ row }: { row: Row }): VNode | null {
  if (!row.hand) return null;
  const { reason, answered_by: answering } = row.hand;
  const says = answering ? `${answering.name} is coming` : reason || "Raised hand";
  const inside = html`<${Icon} name="hand" size=${14} /><span class="visually-hidden">Raised hand: </span><span class="tag-text">${says}</span>`;
  if (answering) return html`<span class="tag tag-hand tag-answered" title=${says}>${inside}</span>`;
  return html`<button type="button" class="tag tag-hand" title=${`${says}: say that you are coming`} onClick=${() => answer(row)}>${inside}</button>`;
}

function With({ supervisors }: { supervisors: readonly Presence[] }): VNode {
  return html`${supervisors.map((one) => {
    const says = `${one.name} ${MODE_DOES[one.mode]}${one.muted || one.mode === "monitor" ? "" : ", microphone open"}, ${one.visibility}`;
    return html`<span class=${classes("with", one.visibility === "hidden" && "with-hidden")} title=${says}>
      <${Avatar} name=${one.name} mode=${one.mode} /><span class="visually-hidden">${says}. </span></span>`;
  })}`;
}

function Start({ row, mode, current }: { row: Row; mode: Mode; current: boolean }): VNode | null {
  const may = row.may?.[mode];
  if (!may) return null;
  return html`<${Gated} kind=${`start mode-${mode}`} allowed=${may.allowed} says=${may.says} act=${() => begin(row, mode)}
    label=${`${MODE_LABEL[mode]} ${row.name}`} tabIndex=${current ? 0 : -1} busy=${starting.value.has(row.id)}>
    <${Icon} name=${mode} size=${16} /><span>${MODE_LABEL[mode]}</span><//>`;
}

function Mine({ mode, stage }: { mode: Mode; stage: string }): VNode {
  return html`<span class=${`mine mode-${mode}`}><${Icon} name=${stage === "ringing" ? "phone" : mode} size=${16} />
    ${stage === "ringing" ? "Calling your phone" : `You: ${MODE_LABEL[mode]}`}</span>`;
}
