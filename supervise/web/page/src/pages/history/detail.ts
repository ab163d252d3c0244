// One session: a drawing of it over time, and each step in words.

import type { VNode } from "preact";
import type { HistoryDetail, Step } from "../../contract_pages.ts";
import { html } from "../../html.ts";
import { useLoad } from "../../live/load.ts";
import { Nothing, Trouble, Waiting } from "../../parts/small.ts";
import { clockFace, masked, moment, timeOfDay } from "../../text.ts";
import { Timeline } from "./timeline.ts";
import { inWords } from "./words.ts";

/** The page of one session. */
export function Detail({ id }: { id: string }): VNode {
  const { value, trouble, again } = useLoad<HistoryDetail>(`/api/history/${encodeURIComponent(id)}`);
  return html`<p><a href=${`/history${location.search}`}>All sessions</a></p>
    ${trouble ? html`<${Trouble} says=${trouble} again=${again} />`
      : value === null ? html`<${Waiting} lines=${6} says="The session is coming." />`
      : html`<${Told} detail=${value} />`}`;
}

function Told({ detail }: { detail: HistoryDetail }): VNode {
  const facts: [string, string][] = [
    ["Began", moment(detail.began)],
    ["Lasted", detail.lasted_s === null ? "Going on" : clockFace(detail.lasted_s)],
    ["Number", masked(detail.number)],
    ["Reason", detail.reason],
    ["Begun from", detail.source ?? ""],
    ["Ended", detail.says],
    ["Node", detail.node],
    ["Policy", detail.policy.slice(0, 12)],
  ];
  return html`<section class="tile" aria-labelledby="session"><h2 id="session">${detail.supervisor.name} with ${detail.agent.name}</h2>
    <dl class="facts">${facts.filter(([, value]) => value).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
    <${Timeline} detail=${detail} />
    ${detail.steps.length === 0 ? html`<${Nothing} icon="history" title="No steps">What was recorded of this session has been kept as long as the policy says, and no longer.<//>`
      : html`<ol class="steps">${detail.steps.map((step) => html`<${One} step=${step} />`)}</ol>`}
  </section>`;
}

function One({ step }: { step: Step }): VNode {
  return html`<li><span class="number">${timeOfDay(step.at)}</span><span class="number quiet-text">${clockFace(step.after_s)}</span>
    <span>${inWords(step)}</span><small class="quiet-text">${[step.source, step.rule].filter(Boolean).join(" · ")}</small></li>`;
}
