// One action on many jobs: collect them with their versions, then do it four at a time, and keep what failed.
import { signal } from '@preact/signals';

import * as api from '../api/calls';
import { LoggedOut, Lost, Problem } from '../api/client';
import type { Control, Job } from '../api/types';
import { tellChanged } from '../live/changes';

export type BulkAction = Extract<Control, 'retry' | 'cancel' | 'archive'>;

export interface Failed {
  job: Job;
  why: string;
}

export interface Bulk {
  action: BulkAction;
  workspace: string;
  filter: api.JobFilter;
  phase: 'collecting' | 'asking' | 'running' | 'ended';
  jobs: Job[];
  /** There are more matches than are taken at once. */
  isCut: boolean;
  done: number;
  failed: Failed[];
  isStopped: boolean;
  problem: string | null;
}

export const MOST = 500;
const AT_ONCE = 4;
const SLOW_FROM = 1000;
const SLOW_TO = 30_000;

export const bulk = signal<Bulk | null>(null);

const put = (change: Partial<Bulk>): void => {
  if (bulk.value) bulk.value = { ...bulk.value, ...change };
};

export function close(): void {
  bulk.value = null;
}

export const stop = (): void => put({ isStopped: true });

/** Reads all matches that the API allows this action on. */
export async function collect(action: BulkAction, workspace: string, filter: api.JobFilter): Promise<void> {
  const mine: Bulk = {
    action, workspace, filter, phase: 'collecting', jobs: [], isCut: false, done: 0, failed: [], isStopped: false, problem: null,
  };
  bulk.value = mine;
  const isMine = () => bulk.value?.phase === 'collecting' && bulk.value.action === action && !bulk.value.isStopped;
  const jobs = new Map<string, Job>();
  try {
    for (let cursor: string | null = ''; cursor !== null && jobs.size <= MOST; ) {
      const page: Record<string, string> = { ...filter, limit: '100', ...(cursor ? { cursor } : {}) };
      const { data } = await api.jobs(workspace, page);
      if (!isMine()) return;
      for (const job of data.jobs) if (job.allowed_actions.includes(action)) jobs.set(job.id, job);
      cursor = data.next_cursor;
      put({ jobs: [...jobs.values()].slice(0, MOST) });
    }
    put({ phase: 'asking', isCut: jobs.size > MOST });
  } catch (failure) {
    if (failure instanceof LoggedOut) return;
    put({ phase: 'ended', problem: failure instanceof Error ? failure.message : String(failure) });
  }
}

/** Does it, each job guarded by the version that was collected. */
export async function run(note: string): Promise<void> {
  const started = bulk.value;
  if (!started || started.phase !== 'asking') return;
  put({ phase: 'running' });
  const waiting = [...started.jobs];
  let pauseUntil = 0;
  let pause = SLOW_FROM;

  const one = async (job: Job): Promise<void> => {
    try {
      const { data } = await api.control(started.workspace, job.id, started.action, job.version, note);
      pause = SLOW_FROM;
      put({ done: (bulk.value?.done ?? 0) + 1 });
      if (bulk.value?.phase === 'running') changed.push(data);
    } catch (failure) {
      if (failure instanceof Problem && failure.status === 429) {
        waiting.unshift(job);
        pauseUntil = Date.now() + (failure.retryAfter ?? pause);
        pause = Math.min(SLOW_TO, pause * 2);
        return;
      }
      if (failure instanceof LoggedOut) stop();
      put({ failed: [...(bulk.value?.failed ?? []), { job, why: whyOf(failure) }] });
    }
  };
  const changed: Job[] = [];
  const worker = async (): Promise<void> => {
    for (;;) {
      while (Date.now() < pauseUntil && !bulk.value?.isStopped) await later(Math.min(250, pauseUntil - Date.now()));
      const job = bulk.value?.isStopped ? undefined : waiting.shift();
      if (!job) return;
      await one(job);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  changed.forEach(tellChanged);
  put({ phase: 'ended' });
}

function whyOf(failure: unknown): string {
  if (failure instanceof Lost) return 'No answer came. It may have taken effect.';
  if (failure instanceof Problem && failure.status === 412) return 'It has moved on since it was collected.';
  return failure instanceof Error ? failure.message : String(failure);
}

const later = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
