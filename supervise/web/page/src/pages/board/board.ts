// Call status: who is in a call, who is free, who is not there. The Live call panel stands beside it.

import { useEffect } from "preact/hooks";
import type { VNode } from "preact";
import { html } from "../../html.ts";
import { go, query, setQuery } from "../../live/route.ts";
import { drawn, hello, rows } from "../../live/state.ts";
import { Icon } from "../../parts/icons.ts";
import { Nothing, Waiting } from "../../parts/small.ts";
import { Held, List } from "./list.ts";
import { GROUPS } from "./order.ts";
import { filter, keepPlaces, places } from "./places.ts";
import { StartDialog } from "./startdialog.ts";

/** The page. */
export function Board(): VNode {
  useEffect(keepPlaces, []);
  return html`<main id="main" class="board" tabIndex=${-1}>
    <${Tools} />
    ${drawn.value ? html`<${Shown} />` : html`<${Waiting} lines=${8} says="The board is coming." />`}
    <${StartDialog} />
  </main>`;
}

function Shown(): VNode {
  if (rows.value.size === 0) {
    return html`<${Nothing} icon="board" title="There is nobody whom you may see">
      Agents are here as soon as the policy names them and gives you the right <code>see-board</code>, or a mode, for them. Ask your admin.<//>`;
  }
  if (GROUPS.every((group) => places.value[group].length === 0)) {
    return html`<${Nothing} icon="search" title="Nobody matches">
      <button type="button" class="button" onClick=${() => { setQuery("q", ""); setQuery("team", ""); }}>Show everybody</button><//>`;
  }
  return html`<${List} />`;
}

function Tools(): VNode {
  const teams = hello.value?.teams ?? [];
  const wall = query.value.has("wall");
  const escape = (event: KeyboardEvent) => {
    if (event.key === "Escape") setQuery("q", "");
  };
  return html`<div class="tools" role="search">
    <label class="search"><${Icon} name="search" /><span class="visually-hidden">Search by name, extension, team or number</span>
      <input id="search" type="search" placeholder="Name, extension, team, number" autocomplete="off" value=${filter.value.words}
        onInput=${(event: Event) => setQuery("q", (event.target as HTMLInputElement).value)} onKeyDown=${escape} /></label>
    ${teams.length > 1 && html`<label class="pick"><span class="visually-hidden">Team</span>
      <select value=${filter.value.team} onChange=${(event: Event) => setQuery("team", (event.target as HTMLSelectElement).value)}>
        <option value="">All teams</option>
        ${teams.map(({ id, name }) => html`<option value=${id}>${name}</option>`)}
      </select></label>`}
    <span class="tools-gap"><${Held} /></span>
    <button type="button" class="button quiet" onClick=${() => go(wall ? "/board" : "/board?wall=1")}>
      <${Icon} name="wall" />${wall ? "Leave the wall screen" : "Wall screen"}</button>
  </div>`;
}
