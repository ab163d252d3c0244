// The places as they are shown. Nothing moves under a hand that is about to click: while the pointer or the keyboard
// is at work in the list, rows change in place; they take their new places a moment after.

import { computed, effect, signal } from "@preact/signals";
import { query } from "../../live/route.ts";
import { rows, rowsChanged } from "../../live/state.ts";
import { arrange, type Filter, moved, NOWHERE, type Places, same } from "./order.ts";

/** So long after the last movement of a hand, rows may move again. */
const STILL_MS = 3_000;
/** Without a hand in the list, it is sorted at most this often. */
const SETTLE_MS = 500;

export const filter = computed<Filter>(() => ({ words: query.value.get("q") ?? "", team: query.value.get("team") ?? "" }));

const wanted = computed<Places>(() => {
  void rowsChanged.value;
  return arrange([...rows.value.values()].map((row) => row.peek()), filter.value);
});

export const places = signal<Places>(NOWHERE);
export const held = signal(false);

/** How many rows wait to be moved. */
export const waiting = computed(() => (held.value ? moved(places.value, wanted.value) : 0));

let stillTimer: ReturnType<typeof setTimeout> | undefined;
let settleTimer: ReturnType<typeof setTimeout> | undefined;
let settledAt = 0;

/** A hand is at work in the list. */
export function hold(): void {
  held.value = true;
  clearTimeout(stillTimer);
  stillTimer = setTimeout(release, STILL_MS);
}

/** The hand has gone, or somebody wants to see the new order. */
export function release(): void {
  clearTimeout(stillTimer);
  held.value = false;
  settle();
}

function settle(): void {
  clearTimeout(settleTimer);
  settleTimer = undefined;
  settledAt = Date.now();
  if (!same(places.peek(), wanted.peek())) places.value = wanted.peek();
}

/** Keep the shown places up to date; what somebody types is answered at once. */
export function keepPlaces(): () => void {
  let typed = "";
  return effect(() => {
    void wanted.value;
    const asked = JSON.stringify(filter.value);
    if (asked !== typed || places.peek() === NOWHERE) {
      typed = asked;
      settle();
    } else if (!held.value && settleTimer === undefined) {
      settleTimer = setTimeout(settle, Math.max(0, settledAt + SETTLE_MS - Date.now()));
    }
  });
}
