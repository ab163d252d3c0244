// A session's steps as stretches of time. Pure: steps in, stretches out.

import type { Step } from "../../contract_pages.ts";

export type Lane = "mode" | "voice" | "visibility";

/** So long, in seconds from the beginning, something was so. */
export interface Stretch {
  lane: Lane;
  what: string;
  from: number;
  to: number;
}

/**
 * What was so for how long. The voice is open when somebody could hear it: not muted, and not in monitor.
 * While the call was private there was no mode at all, whatever was asked for meanwhile.
 */
export function stretches(steps: readonly Step[], end: number): Stretch[] {
  const found: Stretch[] = [];
  const open = new Map<Lane, Stretch>();
  const is = (lane: Lane, what: string, at: number) => {
    const before = open.get(lane);
    if (before?.what === what) return;
    if (before) found.push({ ...before, to: at });
    open.set(lane, { lane, what, from: at, to: at });
  };
  let gap = false;
  for (const { after_s: at, mode, muted, visibility, deed } of steps) {
    if (deed === "closed") break;
    if (deed === "private" || deed === "private-over") gap = deed === "private";
    if (gap) is("mode", "private", at);
    else if (mode) is("mode", mode, at);
    if (gap) is("voice", "muted", at);
    else if (muted !== null) is("voice", !muted && mode !== "monitor" ? "open" : "muted", at);
    if (visibility) is("visibility", visibility, at);
  }
  for (const last of open.values()) found.push({ ...last, to: end });
  return found.filter(({ from, to }) => to > from);
}

/** Round moments for the axis: about six of them. */
export function ticks(end: number): number[] {
  const step = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600].find((size) => end / size <= 7) ?? 7200;
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, at) => at * step);
}
