// One job, looked at again when the API says that it is worth it.
import { signal, useSignal, type Signal } from '@preact/signals';
import { useMemo, useRef } from 'preact/hooks';

import * as api from '../api/calls';
import { Problem } from '../api/client';
import type { Job } from '../api/types';
import { useChanges } from './changes';
import { useRepeat } from './repeat';

export interface LiveJob {
  job: Signal<Job | null>;
  problem: Signal<Problem | null>;
  refresh: () => void;
}

const OVER: readonly string[] = ['completed', 'failed', 'canceled', 'expired'];

/** Whether it may still move by itself. */
export const isOpen = (job: Job): boolean => !OVER.includes(job.status);

/** For releases that do not say when to look again. */
const USUAL = 5000;

export function useJob(workspace: string, id: string): LiveJob {
  const job = useMemo(() => signal<Job | null>(null), [workspace, id]);
  const problem = useSignal<Problem | null>(null);
  const etag = useRef<string | null>(null);

  const { soon } = useRepeat(async (stop) => {
    try {
      const known = job.value ? etag.current : null;
      const answer = await api.job(workspace, id, { ifNoneMatch: known, signal: stop });
      if (answer.status !== 304) {
        job.value = answer.data;
        etag.current = answer.etag;
      }
      problem.value = null;
      const seen = job.value;
      return answer.pollAfter === undefined ? (seen && isOpen(seen) ? USUAL : null) : answer.pollAfter;
    } catch (failure) {
      if (!(failure instanceof Problem)) throw failure;
      problem.value = failure;
      return failure.status >= 500 ? USUAL : null;
    }
  }, [workspace, id]);

  useChanges((changed) => {
    if (changed.id !== id) return;
    job.value = changed;
    etag.current = null;
    soon();
  });

  return { job, problem, refresh: soon };
}
