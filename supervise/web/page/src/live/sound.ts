// Short sounds made in the browser, so that nobody needs a sound file. Browsers keep them back until the first click.

import { signal } from "@preact/signals";
import { sounds } from "./preferences.ts";

export type Chime = "entered" | "changed" | "left" | "hand";

const NOTES: Record<Chime, readonly number[]> = {
  entered: [587, 880],
  changed: [740, 740],
  left: [880, 587],
  hand: [659, 784, 988],
};

const LENGTH_S = 0.11;

let context: AudioContext | undefined;

/** Whether the browser still keeps sounds back. */
export const soundsWait = signal(true);

/** Sounds that were let out, newest last; the tests look at it. */
export const played: Chime[] = [];

/** Let sounds out from the first click or key on. */
export function awaitGesture(): void {
  const wake = () => {
    context ??= new AudioContext();
    void context.resume().then(() => {
      soundsWait.value = false;
    });
  };
  for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, wake, { once: true, capture: true });
}

/** Sound a chime, unless it is switched off or kept back. */
export function chime(kind: Chime): void {
  if (sounds.value === "off" || context === undefined || context.state !== "running") return;
  played.push(kind);
  played.splice(0, Math.max(0, played.length - 20));
  NOTES[kind].forEach((hertz, place) => note(context as AudioContext, hertz, place * LENGTH_S * 1.2));
}

function note(on: AudioContext, hertz: number, after: number): void {
  const [tone, volume] = [on.createOscillator(), on.createGain()];
  const start = on.currentTime + after;
  tone.type = "sine";
  tone.frequency.value = hertz;
  volume.gain.setValueAtTime(0, start);
  volume.gain.linearRampToValueAtTime(0.16, start + 0.015);
  volume.gain.exponentialRampToValueAtTime(0.001, start + LENGTH_S);
  tone.connect(volume).connect(on.destination);
  tone.start(start);
  tone.stop(start + LENGTH_S + 0.02);
}
