// From a click on Monitor, Coach or Barge to a session: one click where there is nothing to choose.

import { signal } from "@preact/signals";
import type { MayStart, Mode, Row, Session, Visibility } from "../../contract.ts";
import { change, RefusedError } from "../../live/request.ts";
import { takeSession } from "../../live/state.ts";
import { tell } from "../../parts/toasts.ts";

export interface Start {
  row: Row;
  mode: Mode;
  /** Their next call is meant: they are in none. */
  wait: boolean;
  /** The same wish, sent twice by a shaky network, is one session. */
  key: string;
}

/** The wish that the dialog asks about. */
export const asking = signal<Start | null>(null);
/** The agents for whom a start is under way. */
export const starting = signal<ReadonlySet<string>>(new Set());

/** What a click is answered with: in a mode, or, for somebody in no call, waiting for their next one in monitor. */
export function mayStart(row: Row, mode: Mode): MayStart | null {
  return (row.call ? row.may?.[mode] : mode === "monitor" ? row.wait : null) ?? null;
}

/** Begin at once, or ask what there is to choose. */
export function begin(row: Row, mode: Mode): void {
  const wait = row.call === null;
  const may = mayStart(row, mode);
  if (!may?.allowed) return;
  const start: Start = { row, mode, wait, key: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}` };
  const [only, ...more] = may.visibilities;
  if (more.length > 0 || may.asks.includes("reason")) asking.value = start;
  else void send(start, only, undefined);
}

/** Ask the server; what is refused is told. */
export async function send(start: Start, visibility: Visibility | undefined, reason: string | undefined): Promise<boolean> {
  const { row, mode, wait, key } = start;
  starting.value = new Set([...starting.value, row.id]);
  const body = { agent: row.id, mode, ...(visibility && { visibility }), ...(row.call && { call: row.call.id }), ...(wait && { wait }), ...(reason && { reason }) };
  try {
    takeSession(await change<Session>("POST", "/api/sessions", body, { "Idempotency-Key": key }));
    return true;
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    tell({ kind: "refused", says: error.message });
    return false;
  } finally {
    starting.value = new Set([...starting.value].filter((id) => id !== row.id));
  }
}
