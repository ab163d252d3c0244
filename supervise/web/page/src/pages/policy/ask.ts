// The two questions one has about a policy: may they, and why; and who may at all.

import { useState } from "preact/hooks";
import type { VNode } from "preact";
import type { Person } from "../../contract.ts";
import type { Explained, PolicyPage, WhoCan } from "../../contract_pages.ts";
import { classes, html } from "../../html.ts";
import { useLoad } from "../../live/load.ts";
import { Icon } from "../../parts/icons.ts";
import { Tag, Trouble } from "../../parts/small.ts";
import { sentence } from "../../text.ts";

/** Both forms; an answer comes as soon as a question is whole. */
export function Ask({ page }: { page: PolicyPage }): VNode {
  return html`<div class="tiles"><${Explain} page=${page} /><${WhoMay} page=${page} /></div>`;
}

function Explain({ page }: { page: PolicyPage }): VNode {
  const [who, setWho] = useState("");
  const [right, setRight] = useState("monitor");
  const [whom, setWhom] = useState("");
  const [visibility, setVisibility] = useState("");
  const asked = who && whom ? new URLSearchParams({ who, whom, right, ...(visibility && { visibility }) }).toString() : "";
  const { value, trouble, again } = useLoad<Explained>(asked && `/api/policy/explain?${asked}`);
  return html`<section class="tile" aria-labelledby="explain"><h2 id="explain">May they, and why?</h2>
    <div class="fields"><${Pick} label="Who" of=${page.people} value=${who} choose=${setWho} />
      <${Pick} label="Right" of=${named(page.rights)} value=${right} choose=${setRight} />
      <${Pick} label="Whom" of=${page.people} value=${whom} choose=${setWhom} />
      <${Pick} label="How" of=${named(["visible", "hidden"])} value=${visibility} choose=${setVisibility} none="Either" /></div>
    ${trouble ? html`<${Trouble} says=${trouble} again=${again} />` : value === null ? html`<p class="empty">Choose who and whom.</p>` : html`<${Answer} told=${value} />`}
  </section>`;
}

function Answer({ told }: { told: Explained }): VNode {
  return html`<div role="status"><p class=${classes("verdict", told.allowed ? "verdict-good" : "verdict-bad")}><${Icon} name=${told.allowed ? "check" : "close"} size=${20} />
      <span>${sentence(told.says)} ${told.rule && !told.says.includes(told.rule) && html`<code>${told.rule}</code>`}</span></p>
    <ul class="considered">${told.considered.map((one) => html`<li><p><${Tag} tone=${one.allows ? "good" : ""}>${one.allows ? "Allows" : "Does not"}<//> ${one.name} <code>${one.rule}</code></p>
      ${[...one.why, ...one.remedies].map((line) => html`<small>${line}</small>`)}</li>`)}</ul>
    ${told.changes.length > 0 && html`<h3>For a yes, one of these would have to change</h3><ul class="changes">${told.changes.map((line) => html`<li>${line}</li>`)}</ul>`}</div>`;
}

function WhoMay({ page }: { page: PolicyPage }): VNode {
  const [right, setRight] = useState("monitor");
  const [whom, setWhom] = useState("");
  const asked = whom ? new URLSearchParams({ right, whom }).toString() : "";
  const { value, trouble, again } = useLoad<WhoCan>(asked && `/api/policy/who-can?${asked}`);
  return html`<section class="tile" aria-labelledby="who-can"><h2 id="who-can">Who may?</h2>
    <div class="fields"><${Pick} label="Right" of=${named(page.rights)} value=${right} choose=${setRight} />
      <${Pick} label="Whom" of=${page.people} value=${whom} choose=${setWhom} /></div>
    ${trouble ? html`<${Trouble} says=${trouble} again=${again} />` : value === null ? html`<p class="empty">Choose whom.</p>`
      : value.people.length === 0 ? html`<p class="empty">Nobody may.</p>`
      : html`<div role="status"><ul class="who-can">${value.people.map((one) => html`<li><b>${one.name}</b> <span>${one.says}</span> <code>${one.rule}</code></li>`)}</ul></div>`}
  </section>`;
}

interface Picked {
  label: string;
  of: readonly Person[];
  value: string;
  choose: (value: string) => void;
  none?: string;
}

function Pick({ label, of, value, choose, none = "" }: Picked): VNode {
  return html`<label class="field"><span>${label}</span>
    <select value=${value} onChange=${(event: Event) => choose((event.target as HTMLSelectElement).value)}>
      ${(value === "" || none) && html`<option value="">${none || "Choose"}</option>`}
      ${of.map(({ id, name }) => html`<option key=${id} value=${id}>${name}</option>`)}</select></label>`;
}

function named(ids: readonly string[]): Person[] {
  return ids.map((id) => ({ id, name: id }));
}
