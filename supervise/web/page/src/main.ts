// The page: asks who one is, then shows what the address names and keeps it true.

import { render, type VNode } from "preact";
import type { Me, PageName } from "./contract.ts";
import { html } from "./html.ts";
import { startClock } from "./live/clock.ts";
import { connect, disconnect, link, watchLink } from "./live/link.ts";
import { applyTheme } from "./live/preferences.ts";
import { get, RefusedError } from "./live/request.ts";
import { followAddress } from "./live/route.ts";
import { awaitGesture } from "./live/sound.ts";
import { me, toastsGoTo } from "./live/state.ts";
import { pageOf, Shell } from "./parts/shell.ts";
import { Nothing, Waiting } from "./parts/small.ts";
import { Strip } from "./parts/strip.ts";
import { listenForKeys } from "./parts/keys.ts";
import { listenForTips } from "./parts/tip.ts";
import { showToast } from "./parts/toasts.ts";
import { Agent } from "./pages/agent.ts";
import { Board } from "./pages/board/board.ts";
import { Health } from "./pages/health.ts";
import { History } from "./pages/history/history.ts";
import { Panel } from "./pages/panel/panel.ts";
import { PolicyShown } from "./pages/policy/policy.ts";
import { SignIn } from "./pages/signin.ts";

const SHOWN: Record<PageName, () => VNode> = { board: Board, agent: Agent, history: History, policy: PolicyShown, health: Health };

function App(): VNode {
  if (link.value.state === "signed-out") return html`<${SignIn} why=${link.value.why} />`;
  const who = me.value;
  if (who === null) return html`<main class="lonely"><${Strip} /><${Waiting} lines=${6} says="Connecting." /></main>`;
  return html`<${Signed} who=${who} />`;
}

function Signed({ who }: { who: Me }): VNode {
  const page = pageOf(who);
  if (page === null) {
    return html`<${Shell} me=${who} page=${who.pages[0] ?? "agent"}><main id="main" tabIndex=${-1}><${Nothing} icon="search" title="There is no such page for you">
      ${who.pages[0] ? html`<a href=${`/${who.pages[0]}`}>To the first page</a>` : "Your role has no pages. Ask your admin."}<//></main><//>`;
  }
  const Page = SHOWN[page];
  return html`<${Shell} me=${who} page=${page}><div class="stage"><${Page} key=${page} /><${Panel} /></div><//>`;
}

async function begin(): Promise<void> {
  try {
    await get("/api/me");
    connect();
  } catch (error) {
    if (error instanceof RefusedError && error.status === 401) disconnect("");
    else connect();
  }
  watchLink();
}

applyTheme();
startClock();
followAddress();
listenForKeys();
listenForTips();
awaitGesture();
toastsGoTo(showToast);
render(html`<${App} />`, document.getElementById("page") as HTMLElement);
void begin();
