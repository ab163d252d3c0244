// Health, for admins: is Asterisk there, does the journal keep up, what does the start-up check warn of.

import { useEffect, useState } from "preact/hooks";
import type { VNode } from "preact";
import type { HealthPage } from "../contract_pages.ts";
import { classes, html } from "../html.ts";
import { serverNow } from "../live/clock.ts";
import { useLoad } from "../live/load.ts";
import { Icon } from "../parts/icons.ts";
import { Duration, Tag, Trouble, Waiting } from "../parts/small.ts";
import { sentence } from "../text.ts";
import { Chart } from "./chart.ts";

const EVERY_MS = 3_000;
const KEPT = 200;

interface Sample {
  at: number;
  lag: number;
  calls: number;
  sockets: number;
}

/** The page; it asks again every few seconds while it is open. */
export function Health(): VNode {
  const { value, trouble, again } = useLoad<HealthPage>("/api/health");
  useEffect(() => {
    const timer = setTimeout(again, EVERY_MS);
    return () => clearTimeout(timer);
  }, [value, trouble]);
  return html`<main id="main" class="health" tabIndex=${-1}>
    ${trouble && html`<${Trouble} says=${trouble} again=${again} />`}
    ${value === null ? !trouble && html`<${Waiting} lines=${6} says="The state is coming." />` : html`<${Told} page=${value} />`}
  </main>`;
}

function Told({ page }: { page: HealthPage }): VNode {
  const samples = useSamples(page);
  const at = samples.map((one) => one.at);
  return html`
    <p class=${classes("verdict", page.ok ? "verdict-good" : "verdict-bad")} role="status"><${Icon} name=${page.ok ? "check" : "warning"} size=${22} />
      ${page.ok ? "All is well." : "Something needs you: see below."}</p>
    ${page.warnings.length > 0 && html`<section class="tile" aria-labelledby="warnings"><h2 id="warnings">Warnings</h2><ul class="warnings">
      ${page.warnings.map(({ level, says, todo }) => html`<li><${Tag} tone=${level === "error" ? "bad" : "warn"} icon="warning">${level === "error" ? "Error" : "Warning"}<//>
        <span><b>${sentence(says)}</b>${todo && html`<small>${sentence(todo)}</small>`}</span></li>`)}</ul></section>`}
    <div class="tiles">${page.nodes.map((node) => html`<${Node} key=${node.name} node=${node} />`)}<${Journal} page=${page} /></div>
    <section class="tile" aria-labelledby="charts"><h2 id="charts">Since this page was opened</h2><div class="charts">
      <${Chart} label="Journal lag" unit="ms" at=${at} values=${samples.map((one) => one.lag)} />
      <${Chart} label="Calls" unit="" at=${at} values=${samples.map((one) => one.calls)} />
      <${Chart} label="Open boards" unit="" at=${at} values=${samples.map((one) => one.sockets)} /></div></section>
    <p class="quiet-text">supervise ${page.version} on Python ${page.python}, up for <${Duration} since=${page.since} />.</p>`;
}

function Node({ node }: { node: HealthPage["nodes"][number] }): VNode {
  const facts: [string, string | number][] = [
    ["Asterisk", node.asterisk],
    ["Calls", node.calls],
    ["Sessions", node.sessions],
    ["Lease", node.lease_s === null ? "none open" : `${node.lease_s} s`],
  ];
  return html`<section class="tile" aria-label=${`Node ${node.name}`}><h2>${node.name} <${Tag} tone=${node.connected ? "good" : "bad"}>${node.connected ? "Connected" : "Not connected"}<//>
      <small><${Duration} since=${node.since} /></small></h2>
    <dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
    ${node.says && html`<p class="hint">${node.says}</p>`}</section>`;
}

function Journal({ page: { journal, board } }: { page: HealthPage }): VNode {
  const facts: [string, string | number][] = [
    ["Kept in", journal.engine],
    ["Records", journal.records.toLocaleString("en")],
    ["Lag", `${journal.lag_ms} ms`],
    ["People on the board", board.people],
  ];
  return html`<section class="tile" aria-label="Journal"><h2>Journal <${Tag} tone=${journal.ok ? "good" : "bad"}>${journal.ok ? "Writing" : "Not writing"}<//></h2>
    <dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
    ${journal.says && html`<p class="hint">${journal.says}</p>`}</section>`;
}

function useSamples(page: HealthPage): readonly Sample[] {
  const [samples, keep] = useState<readonly Sample[]>([]);
  useEffect(() => {
    const calls = page.nodes.reduce((sum, node) => sum + node.calls, 0);
    const sample = { at: serverNow() / 1000, lag: page.journal.lag_ms, calls, sockets: page.board.sockets };
    keep((before) => [...before.slice(1 - KEPT), sample]);
  }, [page]);
  return samples;
}
