// History: who was with whom, when and how, and what was refused; one session as a time line.

import { useEffect, useState } from "preact/hooks";
import type { VNode } from "preact";
import type { Entry, HistoryPage } from "../../contract_pages.ts";
import { html } from "../../html.ts";
import { useLoad } from "../../live/load.ts";
import { get, RefusedError } from "../../live/request.ts";
import { path, query } from "../../live/route.ts";
import { Icon } from "../../parts/icons.ts";
import { Nothing, Trouble, Waiting } from "../../parts/small.ts";
import { tell } from "../../parts/toasts.ts";
import { Detail } from "./detail.ts";
import { Entries } from "./entries.ts";
import { Filters, filtersIn } from "./filters.ts";

/** The list, or the one that the address names. */
export function History(): VNode {
  const id = path.value.split("/")[2] ?? "";
  return html`<main id="main" class="history" tabIndex=${-1}>
    ${id ? html`<${Detail} id=${id} />` : html`<${All} />`}
  </main>`;
}

function All(): VNode {
  const asked = filtersIn(query.value);
  const { value, trouble, again } = useLoad<HistoryPage>(`/api/history?${asked}`);
  return html`<${Filters} />
    ${trouble ? html`<${Trouble} says=${trouble} again=${again} />`
      : value === null ? html`<${Waiting} lines=${8} says="The history is coming." />`
      : value.items.length === 0 ? html`<${Empty} filtered=${asked !== ""} />`
      : html`<${Pages} key=${asked} first=${value} asked=${asked} />`}`;
}

function Empty({ filtered }: { filtered: boolean }): VNode {
  return filtered
    ? html`<${Nothing} icon="search" title="Nothing matches">Take a filter out, or choose a longer time. <a href="/history">Show everything</a><//>`
    : html`<${Nothing} icon="history" title="No sessions yet">Each session, and each attempt that was refused, is here as soon as it begins.<//>`;
}

function Pages({ first, asked }: { first: HistoryPage; asked: string }): VNode {
  const [more, setMore] = useState<Entry[]>([]);
  const [next, setNext] = useState(first.next);
  useEffect(() => {
    setMore([]);
    setNext(first.next);
  }, [first]);
  const load = async () => {
    try {
      const page = await get<HistoryPage>(`/api/history?${asked}${asked && "&"}before=${encodeURIComponent(next ?? "")}`);
      setMore([...more, ...page.items]);
      setNext(page.next);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      tell({ kind: "refused", says: error.message });
    }
  };
  return html`
    ${first.export && html`<p class="exports">Export what is filtered:
      <a download href=${`/api/history.csv?${asked}`}><${Icon} name="leave" size=${14} />CSV</a>
      <a download href=${`/api/history.jsonl?${asked}`}><${Icon} name="leave" size=${14} />JSON lines</a></p>`}
    <${Entries} items=${[...first.items, ...more]} caption="Sessions and refused attempts" />
    ${next !== null && html`<button type="button" class="button older" onClick=${load}>Show older ones</button>`}`;
}
