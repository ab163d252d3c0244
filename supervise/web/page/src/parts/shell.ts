// The frame around every page: where one can go, who one is, and whether the page is true now.

import { useEffect } from "preact/hooks";
import type { VNode } from "preact";
import type { Me, PageName } from "../contract.ts";
import { type Children, classes, html } from "../html.ts";
import { path, query } from "../live/route.ts";
import { soundsWait } from "../live/sound.ts";
import { sounds } from "../live/preferences.ts";
import { rows, rowsChanged } from "../live/state.ts";
import { Icon, type IconName } from "./icons.ts";
import { Help } from "./keys.ts";
import { Menu } from "./menu.ts";
import { Strip } from "./strip.ts";
import { Tip } from "./tip.ts";
import { Toasts } from "./toasts.ts";

export const PAGES: Record<PageName, { title: string; icon: IconName }> = {
  board: { title: "Call status", icon: "board" },
  agent: { title: "My call", icon: "agent" },
  history: { title: "History", icon: "history" },
  policy: { title: "Policy", icon: "policy" },
  health: { title: "Health", icon: "health" },
};

/** Navigation at the left, the page in the middle. A wall screen has the page alone. */
export function Shell({ me, page, children }: { me: Me; page: PageName; children?: Children }): VNode {
  const { title } = PAGES[page];
  useEffect(() => {
    document.title = `${title} · supervise`;
  }, [title]);
  const wall = query.value.has("wall");
  return html`<div class=${classes("shell", wall && "wall")}>
    <a class="skip" href="#main">To the page</a>
    <nav class="rail" aria-label="Pages">
      <span class="mark" aria-hidden="true"><${Icon} name="monitor" size=${22} /></span>
      ${me.pages.map((name) => html`<${Place} name=${name} here=${name === page} />`)}
    </nav>
    <div class="right">
      <header class="top">
        <h1>${title}</h1>
        <${Strip} />
        ${sounds.value === "on" && soundsWait.value && html`<span class="hint top-hint"><${Icon} name="silent" size=${16} />Sounds start with your first click</span>`}
        <${Menu} me=${me} />
      </header>
      ${children}
    </div>
    <${Toasts} /><${Tip} />
    <${Help} />
  </div>`;
}

function Place({ name, here }: { name: PageName; here: boolean }): VNode {
  const { title, icon } = PAGES[name];
  return html`<a class="place" href=${`/${name}`} aria-current=${here ? "page" : undefined}>
    <${Icon} name=${icon} size=${20} /><span>${title}</span>
    ${name === "board" && html`<${Hands} />`}
  </a>`;
}

/** How many hands are up that nobody is answering. */
function Hands(): VNode | null {
  void rowsChanged.value;
  const count = [...rows.value.values()].filter(({ value }) => value.hand && !value.hand.answered_by).length;
  return count > 0 ? html`<b class="badge">${count}<span class="visually-hidden"> raised ${count === 1 ? "hand" : "hands"}</span></b>` : null;
}

/** Which page the address names, of those that somebody may see. */
export function pageOf(me: Me): PageName | null {
  const name = path.value.split("/")[1] ?? "";
  if (name === "" || name === "signin") return me.pages[0] ?? null;
  return me.pages.find((page) => page === name) ?? null;
}
