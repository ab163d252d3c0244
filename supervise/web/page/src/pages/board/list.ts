// The list: groups of rows, and a keyboard that goes through all of them.

import { signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { VNode } from "preact";
import type { Group, Mode } from "../../contract.ts";
import { html } from "../../html.ts";
import { shortcuts } from "../../live/preferences.ts";
import { query } from "../../live/route.ts";
import { rows } from "../../live/state.ts";
import { plainKey } from "../../parts/keys.ts";
import { tell } from "../../parts/toasts.ts";
import { GROUPS } from "./order.ts";
import { hold, places, release, waiting } from "./places.ts";
import { Idle, OnCall } from "./row.ts";
import { begin, mayStart } from "./starting.ts";

const TITLES: Record<Group, { title: string; empty: string }> = {
  "on-call": { title: "On call", empty: "Nobody is in a call." },
  available: { title: "Available", empty: "Nobody is free." },
  "not-available": { title: "Not available", empty: "Everybody is reachable." },
};

const MODE_KEYS: Record<string, Mode> = { m: "monitor", c: "coach", b: "barge" };

/** The row that Tab comes to. */
const at = signal("");

/** Every group, the busy ones first. */
export function List(): VNode {
  const frame = useRef<HTMLDivElement>(null);
  const order = GROUPS.flatMap((group) => places.value[group]);
  const current = order.includes(at.value) ? at.value : (order[0] ?? "");
  useKeptFocus(frame.current);
  useEffect(() => {
    const wanted = query.value.get("row");
    if (wanted && order.includes(wanted)) focusRow(wanted);
  }, [query.value.get("row")]);
  const key = (event: KeyboardEvent) => onKey(event, order, current);
  const focus = (event: FocusEvent) => {
    const row = (event.target as Element).closest<HTMLElement>("[data-row]");
    if (row) at.value = row.dataset["row"] ?? "";
  };
  return html`<div class="list" ref=${frame} onKeyDown=${key} onFocusIn=${focus} onPointerMove=${hold} onPointerLeave=${release}>
    ${GROUPS.map((group) => html`<${Part} key=${group} group=${group} ids=${places.value[group]} current=${current} />`)}
    <p class="visually-hidden" id="list-keys">Arrow keys go from agent to agent. M monitors, C coaches, B barges.</p>
  </div>`;
}

/** How many rows wait while a hand is in the list. */
export function Held(): VNode | null {
  const { value } = waiting;
  return value > 0 ? html`<button type="button" class="button small" onClick=${release}>${value} moved · sort now</button>` : null;
}

function Part({ group, ids, current }: { group: Group; ids: readonly string[]; current: string }): VNode {
  const { title, empty } = TITLES[group];
  const Shown = group === "on-call" ? OnCall : Idle;
  return html`<section class=${`group group-${group}`} aria-labelledby=${`group-${group}`}>
    <h2 id=${`group-${group}`}>${title} <span class="count">${ids.length}</span></h2>
    ${ids.length === 0
      ? html`<p class="empty">${empty}</p>`
      : html`<div role="table" class="rows" aria-labelledby=${`group-${group}`} aria-describedby="list-keys">
          ${ids.map((id) => {
            const row = rows.value.get(id);
            return row && html`<${Shown} key=${id} row=${row} current=${id === current} />`;
          })}
        </div>`}
  </section>`;
}

function onKey(event: KeyboardEvent, order: readonly string[], current: string): void {
  if (!plainKey(event)) return;
  hold();
  const step = { ArrowDown: 1, ArrowUp: -1, Home: -order.length, End: order.length }[event.key];
  if (step !== undefined) {
    event.preventDefault();
    const next = Math.min(Math.max(order.indexOf(current) + step, 0), order.length - 1);
    focusRow(order[next] ?? "");
    return;
  }
  const mode = shortcuts.value === "on" ? MODE_KEYS[event.key.toLowerCase()] : undefined;
  if (mode !== undefined) startHere(current, mode);
}

function startHere(id: string, mode: Mode): void {
  const row = rows.value.get(id)?.peek();
  const may = row && mayStart(row, mode);
  if (row && may?.allowed) begin(row, mode);
  else if (row) tell({ kind: "refused", says: may?.says || `${row.name} is in no call.` });
}

function focusRow(id: string): void {
  at.value = id;
  requestAnimationFrame(() => {
    const row = document.querySelector<HTMLElement>(`[data-row="${CSS.escape(id)}"]`);
    row?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: "nearest" });
  });
}

/** A row that moves in the page loses the focus on its way; it gets it back. */
function useKeptFocus(frame: HTMLElement | null): void {
  const before = document.activeElement;
  const row = frame?.contains(before) ? before?.closest<HTMLElement>("[data-row]")?.dataset["row"] : undefined;
  useLayoutEffect(() => {
    if (row === undefined || (document.activeElement && document.activeElement !== document.body)) return;
    if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    else document.querySelector<HTMLElement>(`[data-row="${CSS.escape(row)}"]`)?.focus({ preventScroll: true });
  });
}
