// Something that is read once for its keys; what was read before stays until the next has come.
import { useSignal, type Signal } from '@preact/signals';

import { Problem } from '../api/client';
import { useRepeat } from './repeat';

export interface Resource<T> {
  data: Signal<T | null>;
  problem: Signal<Problem | null>;
  again: () => void;
}

/** Reads `load` once, again where `keys` change, and every `every` milliseconds where that is given. */
export function useResource<T>(load: () => Promise<T>, keys: readonly unknown[], every: number | null = null): Resource<T> {
  const data = useSignal<T | null>(null);
  const problem = useSignal<Problem | null>(null);
  const { soon } = useRepeat(async (stop) => {
    try {
      const read = await load();
      if (stop.aborted) return null;
      data.value = read;
      problem.value = null;
    } catch (failure) {
      if (!(failure instanceof Problem)) throw failure;
      if (stop.aborted) return null;
      problem.value = failure;
    }
    return every;
  }, keys);
  return { data, problem, again: soon };
}
