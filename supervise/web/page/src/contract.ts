// What the server says and takes, as docs/api.md has it. Nothing here runs.

export type Mode = "monitor" | "coach" | "barge";
export type Visibility = "visible" | "hidden";
export type Group = "on-call" | "available" | "not-available";
export type Direction = "inbound" | "outbound" | "internal" | "unknown";
/** A moment in UTC, ISO 8601. */
export type Moment = string;

export interface Person {
  id: string;
  name: string;
}

export interface Call {
  id: string;
  node: string;
  since: Moment | null;
  direction: Direction;
  queue: string;
  other: { number: string; name: string };
  others: number;
  held_since: Moment | null;
  private: boolean;
}

/** A supervisor with an agent, as far as the viewer may know. */
export interface Presence extends Person {
  mode: Mode;
  muted: boolean;
  visibility: Visibility;
  since: Moment;
  extension?: string;
}

export interface Hand {
  since: Moment;
  reason: string;
  answered_by: Person | null;
}

/** What a click would be answered with now. */
export interface May {
  allowed: boolean;
  says: string;
}

export interface MayStart extends May {
  visibilities: Visibility[];
  asks: ("pin" | "reason")[];
}

export interface Row extends Person {
  extension: string;
  teams: Person[];
  group: Group;
  since: Moment | null;
  why: string;
  says: string;
  call: Call | null;
  supervisors: Presence[];
  hand: Hand | null;
  may: Record<Mode, MayStart> | null;
  /** Waiting for their next call; null where that is not offered. */
  wait: MayStart | null;
  order: string;
}

export type SessionAction = "hold" | "bring-back" | "remove" | "take-over" | "hand-back";
/** What becomes of me when the call ends or moves on. */
export type Follow = "this-call" | "agent" | "customer";
export type SessionRight = Mode | "mute" | "unmute" | Visibility | SessionAction | `follow-${Follow}`;

export interface Attendee extends Person {
  kind: "supervisor" | "agent" | "external";
  number: string;
  me: boolean;
  held: boolean;
  hears_me: boolean;
  coachable: boolean;
  mode: Mode | null;
  muted: boolean | null;
  visibility: Visibility | null;
}

export interface Session {
  id: string;
  version: number;
  node: string;
  source: "phone" | "board" | "api";
  stage: "ringing" | "waiting" | "opening" | "live" | "own" | "closed";
  since: Moment;
  agent: Person;
  call: Call | null;
  mode: Mode;
  muted: boolean;
  visibility: Visibility;
  follow: Follow;
  now: { mode: Mode; muted: boolean };
  private: boolean;
  hears_me: { who: "nobody" | "agent" | "everybody" | "some"; names: string[]; says: string };
  attendees: Attendee[];
  asks: "" | "pin" | "reason";
  refused: { error: string; says: string; at: Moment } | null;
  may: Partial<Record<SessionRight, May>>;
  ending: string;
  says: string;
}

export interface Me extends Person {
  role: string;
  admin: boolean;
  extension: string;
  phones: string[];
  pages: PageName[];
  sign_in: "password" | "oidc" | "proxy" | "token";
  zone: string;
  csrf: string;
}

export type PageName = "board" | "agent" | "history" | "policy" | "health";

export interface Mine {
  group: Group;
  since: Moment | null;
  call: Call | null;
  with_me: Presence[];
  hand: Hand | null;
  may_raise_hand: boolean;
}

export interface Toast {
  id: string;
  at: Moment;
  kind: "entered" | "changed" | "left" | "answered" | "hand" | "ended" | "refused";
  who: Person | null;
  mode: Mode | null;
  says: string;
}

export interface Hello {
  now: Moment;
  version: string;
  me: Me;
  reasons: { code: string; name: string }[];
  teams: Person[];
  long: { call_s: number; hold_s: number };
}

export interface Lamp {
  ok: boolean;
  nodes: { name: string; connected: boolean }[];
  says: string;
}

export type Message =
  | ({ type: "hello" } & Hello)
  | ({ type: "health" } & Lamp)
  | { type: "snapshot"; rows: Row[] }
  | { type: "rows"; set: Row[]; gone: string[] }
  | { type: "sessions"; sessions: Session[] }
  | ({ type: "mine" } & Mine)
  | ({ type: "toast" } & Toast)
  | { type: "pong"; now: Moment }
  | { type: "bye"; reason: string; again_in: number | null };

export interface SignInWays {
  password: boolean;
  oidc: string | null;
}

/** An answer that is not what was asked for. */
export interface Problem {
  error: string;
  says: string;
  now?: unknown;
}
