// Toasts: what has just happened. A raised hand stays until somebody has looked at it; the rest goes by itself.

import { signal } from "@preact/signals";
import type { VNode } from "preact";
import type { Toast } from "../contract.ts";
import { classes, html } from "../html.ts";
import { chime, type Chime } from "../live/sound.ts";
import { Icon, type IconName } from "./icons.ts";
import { Avatar } from "./small.ts";

const STAYS_MS = 8_000;
const MOST = 5;

const CHIMES: Partial<Record<Toast["kind"], Chime>> = {
  entered: "entered",
  changed: "changed",
  left: "left",
  answered: "entered",
  hand: "hand",
};

const ICONS: Record<Toast["kind"], IconName> = {
  entered: "monitor",
  changed: "coach",
  left: "leave",
  answered: "hand",
  hand: "hand",
  ended: "leave",
  refused: "warning",
};

const shown = signal<Toast[]>([]);
const timers = new Map<string, ReturnType<typeof setTimeout>>();
let own = 0;

/** Show what the server has told. */
export function showToast(toast: Toast): void {
  const sound = CHIMES[toast.kind];
  if (sound) chime(sound);
  put(toast);
}

/** Say something of the page's own. */
export function tell(words: Pick<Toast, "kind" | "says">): void {
  own += 1;
  const same = shown.value.find(({ says }) => says === words.says);
  put({ id: same?.id ?? `page-${own}`, at: new Date().toISOString(), who: null, mode: null, ...words });
}

function put(toast: Toast): void {
  const others = shown.value.filter(({ id }) => id !== toast.id);
  for (const old of others.slice(0, Math.max(0, others.length + 1 - MOST))) take(old.id);
  shown.value = [...shown.value.filter(({ id }) => id !== toast.id), toast];
  leaveLater(toast);
}

function leaveLater(toast: Toast): void {
  clearTimeout(timers.get(toast.id));
  if (toast.kind !== "hand") timers.set(toast.id, setTimeout(() => take(toast.id), STAYS_MS));
}

function take(id: string): void {
  clearTimeout(timers.get(id));
  timers.delete(id);
  shown.value = shown.value.filter((toast) => toast.id !== id);
}

function stayWhileRead(toast: Toast) {
  return {
    onMouseEnter: () => clearTimeout(timers.get(toast.id)),
    onMouseLeave: () => leaveLater(toast),
    onFocusIn: () => clearTimeout(timers.get(toast.id)),
    onFocusOut: () => leaveLater(toast),
  };
}

/** Where toasts are; a screen reader reads them when it has finished its sentence. */
export function Toasts(): VNode {
  return html`<div class="toasts" role="log" aria-label="What has just happened" aria-live="polite">
    ${shown.value.map((toast) => html`<${One} key=${toast.id} toast=${toast} />`)}
  </div>`;
}

function One({ toast }: { toast: Toast }): VNode {
  const link = toast.kind === "hand" && toast.who ? `/board?row=${encodeURIComponent(toast.who.id)}` : "";
  return html`<div class=${classes("toast", `toast-${toast.kind}`, toast.mode && `toast-${toast.mode}`)} ...${stayWhileRead(toast)}>
    ${toast.who ? html`<${Avatar} name=${toast.who.name} />` : html`<${Icon} name=${ICONS[toast.kind]} />`}
    <p>${toast.says}${link && html` <a href=${link} onClick=${() => take(toast.id)}>Show</a>`}</p>
    <button type="button" class="button quiet square" aria-label="Dismiss" onClick=${() => take(toast.id)}><${Icon} name="close" size=${16} /></button>
  </div>`;
}
