// What one may wish of a session. Each wish names the version it is about; a stale one gets what is true now.

import { signal } from "@preact/signals";
import type { Follow, Mode, Session, SessionAction, Visibility } from "../../contract.ts";
import { change, RefusedError } from "../../live/request.ts";
import { sessions, takeSession } from "../../live/state.ts";
import { tell } from "../../parts/toasts.ts";

export type Wish = { mode: Mode; agent?: string } | { muted: boolean } | { visibility: Visibility } | { follow: Follow };

/** The wishes on their way, by session, so that a button shows that it was pressed. */
export const underway = signal<ReadonlySet<string>>(new Set());

/** One change of how the session stands. */
export function wish(session: Session, what: Wish): void {
  void ask(session, () => change<Session>("PATCH", path(session), { version: session.version, ...what }));
}

/** Something done to the call. */
export function act(session: Session, action: SessionAction): void {
  void ask(session, () => change<Session>("POST", `${path(session)}/${action}`, { version: session.version }));
}

/** The reason code for which the session asks. */
export function giveReason(session: Session, reason: string): void {
  void ask(session, () => change<Session>("POST", `${path(session)}/reason`, { reason }));
}

/** Leave; that is always allowed. */
export function leave(session: Session): void {
  void ask(session, () => change<Session | undefined>("DELETE", path(session)));
}

/** Take one that has ended out of sight before it goes by itself. */
export function dismiss(session: Session): void {
  sessions.value = sessions.value.filter(({ id }) => id !== session.id);
}

function path({ id }: Session): string {
  return `/api/sessions/${encodeURIComponent(id)}`;
}

async function ask(session: Session, request: () => Promise<Session | undefined>): Promise<void> {
  underway.value = new Set([...underway.value, session.id]);
  try {
    const answer = await request();
    if (answer !== undefined) takeSession(answer);
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    if (error.status === 409 && isSession(error.problem.now)) takeSession(error.problem.now);
    tell({ kind: "refused", says: error.message });
  } finally {
    underway.value = new Set([...underway.value].filter((id) => id !== session.id));
  }
}

function isSession(told: unknown): told is Session {
  return typeof told === "object" && told !== null && "version" in told && "hears_me" in told;
}
