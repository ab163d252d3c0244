// The time as the server has it: every moment in a message is when something began, and the page counts from there.

import { signal } from "@preact/signals";

let ahead = 0;

/** Now in milliseconds, once a second; what shows a duration subscribes to it. */
export const second = signal(Date.now());

/** Now in milliseconds by the server's clock. */
export function serverNow(): number {
  return Date.now() + ahead;
}

/** Note what the server says the time is. */
export function setServerTime(moment: string): void {
  const told = Date.parse(moment);
  if (!Number.isNaN(told)) {
    ahead = told - Date.now();
    second.value = serverNow();
  }
}

/** Let the seconds run. They run at the same moment for every duration on the page. */
export function startClock(): void {
  setInterval(() => {
    second.value = serverNow();
  }, 1000);
}
