// What the pages History, Policy and Health are answered over REST. Nothing here runs.

import type { Mode, Moment, Person, Visibility } from "./contract.ts";

/** A session, or an attempt at one that was refused, in one line. */
export interface Entry {
  /** Of the session; an attempt that was refused has one of its own. */
  id: string;
  began: Moment;
  /** Seconds; null while it goes on, and for an attempt. */
  lasted_s: number | null;
  supervisor: Person;
  agent: Person;
  number: string;
  modes: Mode[];
  visibilities: Visibility[];
  source: "phone" | "board" | "api" | null;
  refused: boolean;
  /** How it ended or why it was refused, in words; empty while it goes on. */
  says: string;
}

export interface HistoryPage {
  items: Entry[];
  /** What `before` is for the next page; null after the last one. */
  next: string | null;
  /** Whether the viewer may export what they see. */
  export: boolean;
}

/** One record of a session: what was done, and how it stood after that. */
export interface Step {
  at: Moment;
  /** Seconds since the beginning. */
  after_s: number;
  deed: string;
  mode: Mode | null;
  muted: boolean | null;
  visibility: Visibility | null;
  source: "phone" | "board" | "api" | null;
  rule: string;
  says: string;
}

export interface HistoryDetail extends Entry {
  node: string;
  call: string;
  reason: string;
  policy: string;
  steps: Step[];
}

export interface PolicyPage {
  hash: string;
  since: Moment;
  files: { name: string; text: string }[];
  warnings: { at: string; says: string }[];
  disk: {
    /** Whether the files on disk are the policy in force. */
    same: boolean;
    hash: string;
    /** Why the version on disk is not in force. */
    problems: { at: string; says: string }[];
    /** What would change: who gains and who loses what. */
    changes: { kind: "gains" | "loses" | "other"; says: string }[];
  };
  people: Person[];
  teams: Person[];
  /** The rights that can be asked about: modes, actions and sights. */
  rights: string[];
}

export interface Explained {
  allowed: boolean;
  says: string;
  rule: string;
  considered: { rule: string; name: string; allows: boolean; why: string[]; remedies: string[] }[];
  /** What would have to change for a yes, the nearest first. */
  changes: string[];
}

export interface WhoCan {
  people: { id: string; name: string; visibilities: Visibility[]; rule: string; says: string }[];
}

export interface HealthPage {
  ok: boolean;
  version: string;
  python: string;
  since: Moment;
  nodes: { name: string; connected: boolean; since: Moment | null; asterisk: string; calls: number; sessions: number; lease_s: number | null; says: string }[];
  journal: { ok: boolean; engine: string; records: number; lag_ms: number; says: string };
  board: { people: number; sockets: number };
  warnings: { level: "warning" | "error"; says: string; todo: string }[];
}
