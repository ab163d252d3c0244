// Sessions and refused attempts as a table.

import type { VNode } from "preact";
import type { Entry } from "../../contract_pages.ts";
import { html } from "../../html.ts";
import { Icon } from "../../parts/icons.ts";
import { Tag } from "../../parts/small.ts";
import { clockFace, masked, MODE_LABEL, moment } from "../../text.ts";

/** The newest first. Each leads to its time line, but where it is `mine`, as an agent. */
export function Entries({ items, caption, mine = false }: { items: readonly Entry[]; caption: string; mine?: boolean }): VNode {
  return html`<div class="scroll" tabIndex=${0} role="region" aria-label=${caption}><table class="entries">
    <caption class="visually-hidden">${caption}</caption>
    <thead><tr><th scope="col">When</th><th scope="col">Supervisor</th>${!mine && html`<th scope="col">Agent</th>`}<th scope="col">Number</th>
      <th scope="col">Modes</th><th scope="col">${mine ? "Visible" : "Agent knew"}</th><th scope="col" class="right-text">Lasted</th><th scope="col">Outcome</th></tr></thead>
    <tbody>${items.map((one) => html`<${Line} key=${one.id} one=${one} mine=${mine} />`)}</tbody>
  </table></div>`;
}

function Line({ one, mine }: { one: Entry; mine: boolean }): VNode {
  const going = !one.refused && one.lasted_s === null;
  return html`<tr class=${one.refused ? "refused" : ""}>
    <td class="nowrap">${!mine && !one.refused ? html`<a href=${`/history/${encodeURIComponent(one.id)}${location.search}`}>${moment(one.began)}</a>` : moment(one.began)}</td>
    <td>${one.supervisor.name}</td>${!mine && html`<td>${one.agent.name}</td>`}<td class="number">${masked(one.number)}</td>
    <td><span class="mode-list">${one.modes.map((mode) => html`<span class=${`mode-chip mode-${mode}`}>${MODE_LABEL[mode]}</span>`)}</span></td>
    <td>${knew(one)}</td>
    <td class="right-text number">${one.lasted_s === null ? "" : clockFace(one.lasted_s)}</td>
    <td>${going ? html`<${Tag} tone="good">Going on<//>` : one.refused ? html`<span class="refusal"><${Icon} name="close" size=${14} />Refused: ${one.says}</span>` : one.says}</td>
  </tr>`;
}

function knew({ refused, visibilities }: Entry): string {
  if (refused || visibilities.length === 0) return "";
  if (visibilities.length > 1) return "At times";
  return visibilities[0] === "visible" ? "Yes" : "No";
}
