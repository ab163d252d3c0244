// How things are said: durations, moments and the product's words.

import type { Direction, Mode } from "./contract.ts";

export const MODES: readonly Mode[] = ["monitor", "coach", "barge"];

export const MODE_LABEL: Record<Mode, string> = { monitor: "Monitor", coach: "Coach", barge: "Barge" };

export const MODE_MEANS: Record<Mode, string> = {
  monitor: "You hear the call. Nobody hears you.",
  coach: "Only the agent hears you.",
  barge: "Everybody in the call hears you.",
};

export const MODE_DOES: Record<Mode, string> = { monitor: "monitors", coach: "coaches", barge: "is in the call" };

export const DIRECTION_LABEL: Record<Direction, string> = {
  inbound: "Incoming",
  outbound: "Outgoing",
  internal: "Internal",
  unknown: "Call",
};

/** 0:07, 12:40, 1:02:09: digits only, so that a column of them can be compared. */
export function duration(since: string | null, now: number): string {
  if (since === null) return "";
  const seconds = Math.max(0, Math.floor((now - Date.parse(since)) / 1000));
  return clockFace(seconds);
}

/** A number of seconds as a duration. */
export function clockFace(seconds: number): string {
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60];
  const two = (n: number) => String(n).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** How long something has been so, in seconds. */
export function age(since: string | null, now: number): number {
  return since === null ? 0 : (now - Date.parse(since)) / 1000;
}

let zone: string | undefined;

/** Show moments in the house's time zone, not in the browser's. */
export function setZone(name: string): void {
  try {
    new Intl.DateTimeFormat("en-GB", { timeZone: name });
    zone = name;
  } catch {
    zone = undefined; // a browser that does not know the zone shows its own
  }
}

/** 21 Nov, 13:05:12. */
export function moment(at: string): string {
  return format(at, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit" });
}

/** 13:05:12. */
export function timeOfDay(at: string): string {
  return format(at, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}

function format(at: string, how: Intl.DateTimeFormatOptions): string {
  const when = new Date(at);
  if (Number.isNaN(when.getTime())) return at;
  return new Intl.DateTimeFormat("en-GB", zone === undefined ? how : { ...how, timeZone: zone }).format(when);
}

/** Up to two letters for an avatar. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const first = [...(words[0] ?? "?")][0] ?? "?";
  const last = words.length > 1 ? ([...(words.at(-1) ?? "")][0] ?? "") : "";
  return (first + last).toUpperCase();
}

/** With a capital letter at its beginning. */
export function sentence(words: string): string {
  return words.charAt(0).toLocaleUpperCase("en") + words.slice(1);
}

/** A number as it is shown: what the policy hides is drawn as dots. */
export function masked(number: string): string {
  return number.replaceAll("*", "•");
}

/** Who is at the other end: the name, else the number, else what is known. */
export function otherParty(call: { other: { name: string; number: string }; private: boolean; others: number }): string {
  const one = call.other.name || masked(call.other.number) || (call.private ? "Private" : "Unknown");
  return call.others > 1 ? `${one} + ${call.others - 1}` : one;
}

/** "Anna", "Anna and Ben", "Anna, Ben and Cleo". */
export function listed(names: readonly string[]): string {
  if (names.length < 2) return names[0] ?? "";
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
