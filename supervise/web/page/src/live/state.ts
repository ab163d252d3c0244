// What the server has told, as signals. A row has a signal of its own, so that one change draws one row.

import { batch, computed, signal, type Signal } from "@preact/signals";
import type { Hello, Lamp, Me, Message, Mine, Row, Session, Toast } from "../contract.ts";
import { setZone } from "../text.ts";
import { setServerTime } from "./clock.ts";
import { setCsrf } from "./request.ts";

export const hello = signal<Hello | null>(null);
export const lamp = signal<Lamp | null>(null);
export const rows = signal<ReadonlyMap<string, Signal<Row>>>(new Map());
/** Grows with each change of any row: what sorts and counts subscribes to it. */
export const rowsChanged = signal(0);
export const sessions = signal<Session[]>([]);
export const mine = signal<Mine | null>(null);
/** Whether a snapshot has come since the page was opened. */
export const drawn = signal(false);

export const me = computed<Me | null>(() => hello.value?.me ?? null);

let onToast: (toast: Toast) => void = () => undefined;

/** Say who shows toasts. */
export function toastsGoTo(show: (toast: Toast) => void): void {
  onToast = show;
}

/** Take in one message. */
export function takeIn(message: Message): void {
  batch(() => take(message));
}

function take(message: Message): void {
  switch (message.type) {
    case "hello":
      setServerTime(message.now);
      setCsrf(message.me.csrf);
      setZone(message.me.zone);
      hello.value = message;
      break;
    case "health":
      lamp.value = message;
      break;
    case "snapshot":
      replaceRows(message.rows);
      drawn.value = true;
      break;
    case "rows":
      changeRows(message.set, message.gone);
      break;
    case "sessions":
      takeSessions(message.sessions);
      break;
    case "mine":
      mine.value = message;
      break;
    case "toast":
      onToast(message);
      break;
    case "pong":
      setServerTime(message.now);
      break;
    case "bye":
      break;
  }
}

function replaceRows(told: readonly Row[]): void {
  const next = new Map<string, Signal<Row>>();
  for (const row of told) next.set(row.id, renewed(row));
  rows.value = next;
  rowsChanged.value += 1;
}

function changeRows(set: readonly Row[], gone: readonly string[]): void {
  const next = new Map(rows.value);
  for (const row of set) next.set(row.id, renewed(row));
  for (const id of gone) next.delete(id);
  rows.value = next;
  rowsChanged.value += 1;
}

function renewed(row: Row): Signal<Row> {
  const known = rows.value.get(row.id);
  if (known === undefined) return signal(row);
  known.value = row;
  return known;
}

/** The sessions as they are now; one that is older than what is shown already is not taken in. */
export function takeSessions(told: readonly Session[]): void {
  const shown = new Map(sessions.value.map((session) => [session.id, session]));
  sessions.value = told.map((session) => {
    const known = shown.get(session.id);
    return known !== undefined && known.version > session.version ? known : session;
  });
}

/** One session as an answer to a request has it. */
export function takeSession(session: Session): void {
  const others = sessions.value.filter(({ id }) => id !== session.id);
  const known = sessions.value.find(({ id }) => id === session.id);
  if (known === undefined || known.version <= session.version) sessions.value = [...others, session];
}

/** Forget everything: somebody has signed out. */
export function forget(): void {
  batch(() => {
    hello.value = null;
    lamp.value = null;
    rows.value = new Map();
    rowsChanged.value += 1;
    sessions.value = [];
    mine.value = null;
    drawn.value = false;
    setCsrf("");
  });
}
