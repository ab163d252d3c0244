// Who was with me, as far as the policy tells agents.

import type { VNode } from "preact";
import type { HistoryPage } from "../../contract_pages.ts";
import { html } from "../../html.ts";
import { useLoad } from "../../live/load.ts";
import { Trouble, Waiting } from "../../parts/small.ts";
import { Entries } from "./entries.ts";

/** The part of the agent's page. */
export function MySupervision(): VNode {
  const { value, trouble, again } = useLoad<HistoryPage>("/api/history/mine");
  return html`<section class="tile" aria-labelledby="my-history"><h2 id="my-history">Who was with me</h2>
    ${trouble ? html`<${Trouble} says=${trouble} again=${again} />`
      : value === null ? html`<${Waiting} lines=${2} says="Your history is coming." />`
      : value.items.length === 0 ? html`<p class="empty">Nobody has supervised a call of yours, as far as the policy tells you.</p>`
      : html`<${Entries} items=${value.items} caption="Sessions with me" mine />`}
  </section>`;
}
