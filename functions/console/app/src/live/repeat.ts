// Work that repeats while somebody looks: nothing in hidden tabs, and patience where no answer comes.
import { useEffect, useRef } from 'preact/hooks';

import { LoggedOut, Lost } from '../api/client';

/** Answers the milliseconds until it is to be done again; `null` for never. */
export type Work = (signal: AbortSignal) => Promise<number | null>;

export interface Repeating {
  /** Does it again at once. */
  soon: () => void;
}

const LEAST = 500;
const LONGEST_PATIENCE = 30_000;

/** Repeats `work` from the first showing on; other `keys` begin anew. */
export function useRepeat(work: Work, keys: readonly unknown[]): Repeating {
  const latest = useRef(work);
  latest.current = work;
  const soon = useRef<() => void>(() => {});

  useEffect(() => {
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let due: number | null = 0;
    let isBusy = false;
    let failures = 0;

    const plan = () => {
      clearTimeout(timer);
      if (due === null || isBusy || stop.signal.aborted || document.hidden) return;
      timer = setTimeout(run, Math.max(0, due - Date.now()));
    };
    const run = async () => {
      isBusy = true;
      due = null;
      try {
        const wait = await latest.current(stop.signal);
        failures = 0;
        // Somebody may have asked for another look meanwhile.
        if (wait !== null) due = Math.min(due ?? Infinity, Date.now() + Math.max(LEAST, wait));
      } catch (failure) {
        if (stop.signal.aborted || failure instanceof LoggedOut) return;
        if (!(failure instanceof Lost)) throw failure;
        failures += 1;
        due = Date.now() + Math.min(LONGEST_PATIENCE, 1000 * 2 ** failures);
      } finally {
        isBusy = false;
        plan();
      }
    };
    soon.current = () => {
      due = 0;
      plan();
    };
    const back = () => {
      if (failures > 0) due = 0;
      plan();
    };

    plan();
    document.addEventListener('visibilitychange', plan);
    addEventListener('online', back);
    return () => {
      stop.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', plan);
      removeEventListener('online', back);
    };
  }, keys);

  return { soon: () => soon.current() };
}
