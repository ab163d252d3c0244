// The tip that shows why a button cannot be pressed. One for the whole page, above everything, so that nothing clips it.

import { signal } from "@preact/signals";
import type { VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { html } from "../html.ts";

const GAP = 6;
const EDGE = 8;

const over = signal<HTMLElement | null>(null);

/** Show it to the mouse and to the keyboard; Escape takes it away. */
export function listenForTips(): void {
  const show = (event: Event) => {
    const target = event.target as Element;
    if (target.closest(".tip")) return;
    over.value = target.closest<HTMLElement>("[data-why]");
  };
  document.addEventListener("pointerover", show);
  document.addEventListener("focusin", show);
  document.addEventListener("focusout", () => {
    over.value = null;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") over.value = null;
  });
  document.addEventListener("scroll", () => {
    over.value = null;
  }, { capture: true, passive: true });
}

/** Where it is drawn. A screen reader has the same words from the button itself. */
export function Tip(): VNode | null {
  const frame = useRef<HTMLDivElement>(null);
  const target = over.value;
  useLayoutEffect(() => {
    if (!target || !frame.current) return;
    const [at, own] = [target.getBoundingClientRect(), frame.current.getBoundingClientRect()];
    const left = Math.min(Math.max(EDGE, at.left + at.width / 2 - own.width / 2), innerWidth - own.width - EDGE);
    const above = at.top - own.height - GAP;
    frame.current.style.left = `${left}px`;
    frame.current.style.top = `${above > EDGE ? above : at.bottom + GAP}px`;
  }, [target]);
  const says = target?.isConnected ? target.dataset["why"] : undefined;
  return says === undefined ? null : html`<div class="tip" ref=${frame} aria-hidden="true">${says}</div>`;
}
