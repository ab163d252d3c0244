// The history's filters; they are in the address, so that a view can be bookmarked and sent to a colleague.

import type { VNode } from "preact";
import { html } from "../../html.ts";
import { go, query } from "../../live/route.ts";

const FIELDS: readonly [string, string, string][] = [
  ["who", "Supervisor", "text"],
  ["whom", "Agent", "text"],
  ["number", "Number", "text"],
  ["from", "From", "date"],
  ["to", "To", "date"],
];

const OUTCOMES: readonly [string, string][] = [["", "All"], ["session", "Sessions"], ["refused", "Refused"]];

/** The filters of the address, as the server wants them. */
export function filtersIn(asked: URLSearchParams): string {
  const known = [...FIELDS.map(([name]) => name), "outcome"];
  return new URLSearchParams([...asked].filter(([name, value]) => known.includes(name) && value)).toString();
}

/** The form. */
export function Filters(): VNode {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const said = new FormData(event.currentTarget as HTMLFormElement);
    const asked = new URLSearchParams([...said].map(([name, value]) => [name, String(value).trim()]));
    go(`/history?${filtersIn(asked)}`);
  };
  const now = query.value;
  return html`<form class="filters" role="search" aria-label="Filter the history" onSubmit=${submit} key=${now.toString()}>
    ${FIELDS.map(([name, label, type]) => html`<label class="field"><span>${label}</span>
      <input name=${name} type=${type} defaultValue=${now.get(name) ?? ""} autocomplete="off" /></label>`)}
    <label class="field"><span>Outcome</span><select name="outcome" defaultValue=${now.get("outcome") ?? ""}>
      ${OUTCOMES.map(([value, label]) => html`<option value=${value} selected=${value === (now.get("outcome") ?? "")}>${label}</option>`)}</select></label>
    <button type="submit" class="button primary">Filter</button>
    ${filtersIn(now) && html`<a class="button quiet" href="/history">Clear</a>`}
  </form>`;
}
