// A button that says why it cannot be pressed now: to the mouse, to the keyboard, to a finger and to a screen reader.

import { useId } from "preact/hooks";
import type { VNode } from "preact";
import { type Children, classes, html } from "../html.ts";
import { link } from "../live/link.ts";
import { tell } from "./toasts.ts";

interface Gate {
  allowed: boolean;
  says: string;
  act: () => void;
  kind?: string;
  pressed?: boolean;
  label?: string;
  title?: string;
  tabIndex?: number;
  busy?: boolean;
  children?: Children;
}

/** Stays focusable when it is not allowed, so that its reason can be read. */
export function Gated({ allowed, says, act, kind = "", pressed, label, title, tabIndex, busy = false, children }: Gate): VNode {
  const id = useId();
  const away = link.value.state !== "live";
  const open = allowed && !away && !busy;
  const reason = away ? "Not connected: nothing can be changed now." : allowed ? "" : says;
  const press = () => {
    if (open) act();
    else if (reason) tell({ kind: "refused", says: reason });
  };
  return html`<span class="gated" data-why=${reason || undefined}>
    <button type="button" class=${classes("button", kind, pressed && "pressed", busy && "busy")} aria-disabled=${open ? undefined : "true"}
      aria-pressed=${pressed === undefined ? undefined : String(pressed)} aria-label=${label} title=${title} tabIndex=${tabIndex}
      aria-describedby=${reason ? id : undefined} onClick=${press}>${children}</button>
    ${reason && html`<span class="visually-hidden" id=${id}>${reason}</span>`}
  </span>`;
}
