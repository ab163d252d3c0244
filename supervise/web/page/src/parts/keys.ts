// Keys that work anywhere on the page, and the dialog that lists all of them.

import { signal } from "@preact/signals";
import type { VNode } from "preact";
import { html } from "../html.ts";
import { shortcuts } from "../live/preferences.ts";
import { Dialog } from "./dialog.ts";

const helpOpen = signal(false);

/** Show the list of keys. */
export function openHelp(): void {
  helpOpen.value = true;
}

/** Whether somebody is typing text, so that a letter is a letter. */
export function typing(event: KeyboardEvent): boolean {
  const at = event.target;
  return at instanceof HTMLElement && (at.matches("input:not([type=radio], [type=checkbox]), select, textarea") || at.isContentEditable);
}

/** Whether a key with no Ctrl, Alt or Meta beside it may be a shortcut now. */
export function plainKey(event: KeyboardEvent): boolean {
  return !event.ctrlKey && !event.altKey && !event.metaKey && !typing(event) && !document.querySelector("dialog[open]");
}

/** `/` searches, `p` goes to the Live call panel, `?` lists the keys. */
export function listenForKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (!plainKey(event) || shortcuts.value === "off") return;
    const target = event.key === "/" ? "search" : event.key === "p" ? "panel" : "";
    const found = target && document.getElementById(target);
    if (found) {
      event.preventDefault();
      found.focus();
    } else if (event.key === "?") {
      event.preventDefault();
      openHelp();
    }
  });
}

const ON_THE_PAGE: readonly [string, string][] = [
  ["/", "search the board"],
  ["↑ ↓", "from agent to agent; Home and End too"],
  ["M C B", "on an agent: monitor, coach, barge"],
  ["P", "to the Live call panel"],
  ["Esc", "close a dialog, or empty the search"],
  ["?", "this list"],
];

const IN_A_SESSION: readonly [string, string][] = [
  ["4 5 6", "monitor, coach, barge"],
  ["0 1", "mute, unmute"],
  ["7 8", "hidden, visible"],
];

/** The list of keys, when it was asked for. */
export function Help(): VNode | null {
  if (!helpOpen.value) return null;
  const close = () => {
    helpOpen.value = false;
  };
  return html`<${Dialog} title="Keys and codes" close=${close}>
    <h3>On this page</h3><${Keys} list=${ON_THE_PAGE} />
    <h3>In a session: in the Live call panel and on your phone</h3><${Keys} list=${IN_A_SESSION} />
    <p class="hint">On the phone <kbd>*</kbd> leaves, <kbd>2</kbd> says who is on the call, <kbd>3</kbd> who hears you, <kbd>#</kbd> helps.
      Dial <kbd>*55</kbd> and an extension to monitor, <kbd>*56</kbd> to coach, <kbd>*57</kbd> to barge.</p>
  <//>`;
}

function Keys({ list }: { list: readonly [string, string][] }): VNode {
  return html`<dl class="keys">${list.map(([keys, what]) => html`<div>
    <dt>${keys.split(" ").map((key) => html`<kbd>${key}</kbd> `)}</dt><dd>${what}</dd></div>`)}</dl>`;
}
