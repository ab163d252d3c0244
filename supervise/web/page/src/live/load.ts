// Something that a page asks for once: on its way, there, or not to be had.

import { useEffect, useState } from "preact/hooks";
import { link } from "./link.ts";
import { get, RefusedError } from "./request.ts";

export interface Loaded<T> {
  value: T | null;
  trouble: string;
  again: () => void;
}

const PATIENCE_MS = 15_000;

/** Ask for `path`, again when it changes and when the connection has come back; an empty path asks for nothing. */
export function useLoad<T>(path: string): Loaded<T> {
  const [value, setValue] = useState<T | null>(null);
  const [trouble, setTrouble] = useState("");
  const [turn, setTurn] = useState(0);
  const live = link.value.state === "live";
  useEffect(() => {
    if (!path) return setValue(null);
    if (!live) return;
    const stop = new AbortController();
    setTrouble("");
    get<T>(path, AbortSignal.any([stop.signal, AbortSignal.timeout(PATIENCE_MS)])).then(
      (told) => !stop.signal.aborted && setValue(told),
      (error: unknown) => {
        if (stop.signal.aborted) return;
        setTrouble(error instanceof RefusedError ? error.message : "The server took too long. Try again.");
      },
    );
    return () => stop.abort();
  }, [path, turn, live]);
  return { value, trouble, again: () => setTurn(turn + 1) };
}
