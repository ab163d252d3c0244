// The WebSocket: it comes back by itself, and the page always says whether what it shows is true now.

import { signal } from "@preact/signals";
import type { Message } from "../contract.ts";
import { get, RefusedError } from "./request.ts";
import { forget, takeIn } from "./state.ts";

export type Link =
  | { state: "connecting" }
  | { state: "live" }
  | { state: "lost"; since: number; again: number }
  | { state: "signed-out"; why: string };

export const link = signal<Link>({ state: "connecting" });

const PING_MS = 10_000;
const PATIENCE_MS = 5_000;
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 20_000;
/** A timer that is this late has slept: the laptop was closed. */
const SLEPT_MS = 4_000;

const ENDED: Record<string, string> = {
  "signed-out": "You have signed out.",
  expired: "You were signed out because nothing happened for a long time.",
  revoked: "Your sign-in was ended. Sign in again.",
};

let socket: WebSocket | undefined;
let failures = 0;
let lostSince = 0;
let retry: ReturnType<typeof setTimeout> | undefined;
let overdue: ReturnType<typeof setTimeout> | undefined;

/** Connect, and stay connected until somebody signs out. */
export function connect(): void {
  clearTimeout(retry);
  clearTimeout(overdue);
  drop();
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const fresh = new WebSocket(`${scheme}://${location.host}/api/live`, "supervise.1");
  socket = fresh;
  overdue = setTimeout(() => lose(fresh), PATIENCE_MS);
  fresh.onmessage = (event: MessageEvent<string>) => receive(fresh, event.data);
  fresh.onclose = () => lose(fresh);
}

/** Sign out in this browser: nothing that was shown stays. */
export function disconnect(why: string): void {
  clearTimeout(retry);
  clearTimeout(overdue);
  drop();
  failures = 0;
  forget();
  link.value = { state: "signed-out", why };
}

/** Watch over the connection: pings, sleep, and the network's coming back. */
export function watchLink(): void {
  let last = Date.now();
  setInterval(() => {
    const late = Date.now() - last - 1000;
    last = Date.now();
    if (late > SLEPT_MS) probe();
  }, 1000);
  setInterval(() => {
    if (link.value.state === "live") probe();
  }, PING_MS);
  addEventListener("online", probe);
  addEventListener("offline", () => socket && lose(socket));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") probe();
  });
}

/** Ask at once whether the server is there. */
export function probe(): void {
  const { state } = link.value;
  if (state === "lost") connect();
  if (state !== "live" || socket?.readyState !== WebSocket.OPEN) return;
  const asked = socket;
  asked.send(JSON.stringify({ type: "ping" }));
  clearTimeout(overdue);
  overdue = setTimeout(() => lose(asked), PATIENCE_MS);
}

function receive(from: WebSocket, text: string): void {
  if (from !== socket) return;
  clearTimeout(overdue);
  const message = JSON.parse(text) as Message;
  if (message.type === "bye") {
    goodbye(message.reason, message.again_in);
    return;
  }
  if (message.type === "hello") {
    failures = 0;
    link.value = { state: "live" };
  }
  takeIn(message);
}

function goodbye(reason: string, againIn: number | null): void {
  if (againIn === null) {
    disconnect(ENDED[reason] ?? "Sign in again.");
    return;
  }
  drop();
  waitFor(againIn * 1000 + chance(1000));
}

function drop(): void {
  if (socket === undefined) return;
  socket.onclose = socket.onmessage = null;
  socket.close();
  socket = undefined;
}

function lose(lost: WebSocket): void {
  if (lost !== socket) return;
  clearTimeout(overdue);
  drop();
  failures += 1;
  void find();
}

/** The connection is gone: because the network is, or because nobody is signed in any more. */
async function find(): Promise<void> {
  waitFor(chance(Math.min(FIRST_DELAY_MS * 2 ** failures, LONGEST_DELAY_MS)));
  try {
    await get("/api/me");
  } catch (error) {
    if (error instanceof RefusedError && error.status === 401 && link.value.state === "lost") {
      disconnect(lostSince ? "Your sign-in has ended. Sign in again." : "");
    }
  }
}

function waitFor(delay: number): void {
  if (link.value.state !== "lost") lostSince = Date.now();
  link.value = { state: "lost", since: lostSince, again: Date.now() + delay };
  clearTimeout(retry);
  retry = setTimeout(connect, delay);
}

/** Somewhere in the upper half, so that five hundred browsers do not all come back in the same moment. */
function chance(most: number): number {
  return most / 2 + (Math.random() * most) / 2;
}
