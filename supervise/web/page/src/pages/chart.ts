// A small chart over the last minutes, drawn by uPlot in the colours of the page.

import { useEffect, useRef } from "preact/hooks";
import type { VNode } from "preact";
import uPlot from "uplot";
import { html } from "../html.ts";
import { serverNow } from "../live/clock.ts";
import { timeOfDay } from "../text.ts";
import { theme } from "../live/preferences.ts";

const HIGH = 132;
/** The chart is at least so many seconds wide. */
const LEAST_S = 120;

export interface Series {
  label: string;
  unit: string;
  at: readonly number[];
  values: readonly number[];
}

/** The chart; its last value stands beside the title in words. */
export function Chart({ label, unit, at, values }: Series): VNode {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  useEffect(() => {
    if (!frame.current) return;
    const colour = colours(frame.current);
    const font = `12px ${getComputedStyle(frame.current).fontFamily}`;
    const axis = { stroke: colour("--quiet"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false }, font };
    plot.current = new uPlot(
      {
        width: frame.current.clientWidth,
        height: HIGH,
        legend: { show: false },
        cursor: { show: false },
        scales: { x: { time: true, range: ({ data: [moments] }) => stretch(moments) }, y: { range: (_, __, most) => [0, Math.max(1, most * 1.15)] } },
        axes: [{ ...axis, space: 90, values: (_, moments) => moments.map((at) => timeOfDay(new Date(at * 1000).toISOString())) }, { ...axis, size: 44 }],
        series: [{}, { points: { show: false }, stroke: colour("--accent"), width: 2, fill: colour("--accent-soft") }],
      },
      [[], []],
      frame.current,
    );
    const watch = new ResizeObserver(([entry]) => entry && plot.current?.setSize({ width: entry.contentRect.width, height: HIGH }));
    watch.observe(frame.current);
    return () => {
      watch.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [theme.value]);
  useEffect(() => plot.current?.setData([[...at], [...values]]), [at, values, theme.value]);
  const last = values.at(-1);
  return html`<figure class="chart"><figcaption><span>${label}</span><b>${last === undefined ? "" : `${last} ${unit}`}</b></figcaption>
    <div class="plot" ref=${frame} aria-hidden="true"></div></figure>`;
}

/** From the first moment to the last one, but never a shorter time than is worth an axis. */
function stretch(moments: ArrayLike<number>): [number, number] {
  const last = moments[moments.length - 1] ?? serverNow() / 1000;
  return [Math.min(moments[0] ?? last, last - LEAST_S), last];
}

/** What a canvas can draw with: a variable may hold light-dark(), which only an element's own colour resolves. */
function colours(frame: HTMLElement): (name: string) => string {
  return (name) => {
    frame.style.color = `var(${name})`;
    const { color } = getComputedStyle(frame);
    frame.style.color = "";
    return color;
  };
}
