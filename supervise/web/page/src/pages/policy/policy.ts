// Policy, for admins: what is in force, why a decision is what it is, who can, and what the file on disk would change.

import type { VNode } from "preact";
import type { PolicyPage } from "../../contract_pages.ts";
import { classes, html } from "../../html.ts";
import { useLoad } from "../../live/load.ts";
import { Icon } from "../../parts/icons.ts";
import { Tag, Trouble, Waiting } from "../../parts/small.ts";
import { moment } from "../../text.ts";
import { Ask } from "./ask.ts";

/** The page. */
export function PolicyShown(): VNode {
  const { value, trouble, again } = useLoad<PolicyPage>("/api/policy");
  return html`<main id="main" class="policy" tabIndex=${-1}>
    ${trouble ? html`<${Trouble} says=${trouble} again=${again} />`
      : value === null ? html`<${Waiting} lines=${8} says="The policy is coming." />`
      : html`<${Told} page=${value} again=${again} />`}
  </main>`;
}

function Told({ page, again }: { page: PolicyPage; again: () => void }): VNode {
  return html`
    <p class=${classes("verdict", page.disk.problems.length ? "verdict-bad" : "verdict-good")}><${Icon} name=${page.disk.problems.length ? "warning" : "check"} size=${22} />
      <span>In force since ${moment(page.since)}: version <code>${page.hash.slice(0, 12)}</code>.${page.disk.problems.length > 0 && " The file on disk was refused."}</span></p>
    <${Disk} page=${page} again=${again} />
    <${Ask} page=${page} />
    ${page.warnings.length > 0 && html`<section class="tile" aria-labelledby="odd"><h2 id="odd">Odd, but allowed</h2><${Problems} list=${page.warnings} /></section>`}
    ${page.files.map((file) => html`<${File} key=${file.name} file=${file} />`)}`;
}

function Disk({ page: { disk }, again }: { page: PolicyPage; again: () => void }): VNode {
  const body = disk.problems.length > 0
    ? html`<p>The version on disk is not in force, because of ${disk.problems.length === 1 ? "this" : "these"}:</p><${Problems} list=${disk.problems} />`
    : disk.same
      ? html`<p class="quiet-text">The same as what is in force.</p>`
      : html`<p>It will change this:</p><ul class="diff">${disk.changes.map(({ kind, says }) => html`<li class=${`diff-${kind}`}>
          <${Tag} tone=${kind === "gains" ? "good" : kind === "loses" ? "bad" : ""}>${kind === "gains" ? "Gains" : kind === "loses" ? "Loses" : "Other"}<//>${says}</li>`)}</ul>`;
  return html`<section class="tile" aria-labelledby="disk"><h2 id="disk">On disk <button type="button" class="button small quiet" onClick=${again}>Look again</button></h2>${body}</section>`;
}

function Problems({ list }: { list: readonly { at: string; says: string }[] }): VNode {
  return html`<ul class="problems">${list.map(({ at, says }) => html`<li><code>${at}</code><span>${says}</span></li>`)}</ul>`;
}

function File({ file: { name, text } }: { file: { name: string; text: string } }): VNode {
  return html`<details class="tile file" open><summary><h2>${name}</h2></summary>
    <div class="scroll source" tabIndex=${0} role="region" aria-label=${name}><ol>${text.split("\n").map((line) => html`<li><code class=${line.trim().startsWith("#") ? "remark" : ""}>${line}</code></li>`)}</ol></div></details>`;
}
