// REST: every change carries the CSRF token, every answer is bounded in time, every problem has words.

import type { Problem } from "../contract.ts";

const PATIENCE_MS = 10_000;

let csrf = "";

/** The token that every change must carry; it comes with `me`. */
export function setCsrf(token: string): void {
  csrf = token;
}

/** The server said no, or could not be asked. */
export class RefusedError extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem,
  ) {
    super(problem.says);
  }
}

/** Read something. */
export function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return ask<T>("GET", path, undefined, {}, signal);
}

/** Ask for a change. */
export function change<T>(
  method: "POST" | "PATCH" | "PUT" | "DELETE",
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<T> {
  return ask<T>(method, path, body, { ...headers, "X-CSRF-Token": csrf });
}

async function ask<T>(
  method: string,
  path: string,
  body: unknown,
  headers: Record<string, string>,
  signal?: AbortSignal,
): Promise<T> {
  const request: RequestInit = {
    method,
    credentials: "same-origin",
    headers: body === undefined ? headers : { ...headers, "Content-Type": "application/json" },
    signal: signal ?? AbortSignal.timeout(PATIENCE_MS),
  };
  if (body !== undefined) request.body = JSON.stringify(body);
  let answer: Response;
  try {
    answer = await fetch(path, request);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new RefusedError(0, { error: "unreachable", says: "The server does not answer. Check the network, then try again." });
  }
  if (answer.ok) return (answer.status === 204 ? undefined : await answer.json()) as T;
  throw new RefusedError(answer.status, await problemOf(answer));
}

async function problemOf(answer: Response): Promise<Problem> {
  try {
    const said = (await answer.json()) as Partial<Problem>;
    if (typeof said.says === "string") return { error: said.error ?? "unknown", says: said.says, now: said.now };
  } catch {
    // no JSON: something between us and the server has answered
  }
  return { error: "unknown", says: `The server answered ${answer.status} and no more. Try again, or ask your admin.` };
}
