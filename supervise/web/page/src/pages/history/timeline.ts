// The drawing of a session over time: its mode, when the microphone was open, and whether the agent knew.

import type { VNode } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { HistoryDetail } from "../../contract_pages.ts";
import { html } from "../../html.ts";
import { age, clockFace, MODE_LABEL } from "../../text.ts";
import { serverNow } from "../../live/clock.ts";
import { type Lane, type Stretch, stretches, ticks } from "./line.ts";

const [LEFT, LEAST, HIGH, GAP] = [104, 560, 28, 9];
const LANES: readonly [Lane, string][] = [["mode", "Mode"], ["voice", "Microphone"], ["visibility", "Agent knows"]];

const WORDS: Record<string, string> = { ...MODE_LABEL, private: "Private", open: "Open", muted: "Closed", visible: "Visible", hidden: "Hidden" };

/** As a picture, and in words for who does not see it; the steps stand below it anyway. */
export function Timeline({ detail }: { detail: HistoryDetail }): VNode | null {
  const frame = useRef<HTMLElement>(null);
  const [width, measure] = useState(LEAST);
  useLayoutEffect(() => {
    if (!frame.current) return;
    const watch = new ResizeObserver(([entry]) => entry && measure(Math.max(LEAST, Math.floor(entry.contentRect.width))));
    watch.observe(frame.current);
    return () => watch.disconnect();
  }, []);
  const end = detail.lasted_s ?? age(detail.began, serverNow());
  const found = stretches(detail.steps, end);
  if (found.length === 0 || end <= 0) return null;
  const x = (second: number) => LEFT + (second / end) * (width - LEFT - 20);
  const bottom = LANES.length * (HIGH + GAP);
  return html`<figure class="timeline" ref=${frame}><svg width=${width} height=${bottom + 22} role="img" aria-label=${inWords(found)}>
    ${ticks(end).map((second) => html`<g class="tick"><line x1=${x(second)} x2=${x(second)} y1="0" y2=${bottom} />
      <text x=${x(second)} y=${bottom + 16} text-anchor=${second === 0 ? "start" : "middle"}>${clockFace(second)}</text></g>`)}
    ${LANES.map(([, title], place) => html`<text class="lane" x="0" y=${place * (HIGH + GAP) + 19}>${title}</text>`)}
    ${found.map((one) => html`<${Bar} one=${one} x=${x} />`)}
  </svg></figure>`;
}

function Bar({ one, x }: { one: Stretch; x: (second: number) => number }): VNode {
  const place = LANES.findIndex(([lane]) => lane === one.lane);
  const y = place * (HIGH + GAP);
  const [left, wide] = [x(one.from), Math.max(2, x(one.to) - x(one.from))];
  const words = WORDS[one.what] ?? one.what;
  return html`<g class=${`stretch is-${one.what}`}><title>${`${words}, ${clockFace(one.from)} to ${clockFace(one.to)}`}</title>
    <rect x=${left} y=${y} width=${wide} height=${HIGH} rx="4" />
    ${wide > 58 && html`<text x=${left + 8} y=${y + 19}>${words}</text>`}</g>`;
}

function inWords(found: readonly Stretch[]): string {
  const modes = found.filter(({ lane }) => lane === "mode");
  return `Modes over time: ${modes.map(({ what, from, to }) => `${WORDS[what]} from ${clockFace(from)} to ${clockFace(to)}`).join(", ")}.`;
}
