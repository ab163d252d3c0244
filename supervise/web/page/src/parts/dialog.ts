// A dialog: the browser's own, which keeps the focus in and gives it back.

import { useEffect, useRef } from "preact/hooks";
import type { VNode } from "preact";
import { type Children, html } from "../html.ts";
import { Icon } from "./icons.ts";

/** Shown as long as it is drawn; Escape and a click beside it close it. */
export function Dialog({ title, close, children }: { title: string; close: () => void; children?: Children }): VNode {
  const frame = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    frame.current?.showModal();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  const beside = (event: MouseEvent) => {
    if (event.target === frame.current) close();
  };
  const cancel = (event: Event) => {
    event.preventDefault();
    close();
  };
  return html`<dialog ref=${frame} class="dialog" aria-labelledby="dialog-title" onClick=${beside} onCancel=${cancel}>
    <div class="dialog-inside">
      <header><h2 id="dialog-title">${title}</h2>
        <button type="button" class="button quiet square" aria-label="Close" onClick=${close}><${Icon} name="close" /></button>
      </header>
      ${children}
    </div>
  </dialog>`;
}
