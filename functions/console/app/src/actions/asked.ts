// The one action that somebody is about to confirm, and the call that does it.
import { signal } from '@preact/signals';

import * as api from '../api/calls';
import { Lost, Problem } from '../api/client';
import type { Control, Decision, Job } from '../api/types';
import { say, tellChanged } from '../live/changes';
import { done } from './names';

export interface Asked {
  action: Control | Decision;
  job: Job;
  /** A decision's, which is written on the page before. */
  note?: string;
  digest?: string;
  onDone?: (job: Job) => void;
}

export const asked = signal<Asked | null>(null);

export const ask = (what: Asked): void => {
  asked.value = what;
};

/** What a confirmation came to: nothing to say, or why not and how the job stands now. */
export type Outcome = { problem: string; job: Job | null } | null;

export async function confirm(what: Asked, note: string): Promise<Outcome> {
  try {
    finish(what, (await send(what, note)).data);
    return null;
  } catch (failure) {
    return refused(what.job, failure);
  }
}

function send({ action, job, digest }: Asked, note: string) {
  switch (action) {
    case 'cancel':
    case 'retry':
    case 'escalate':
    case 'archive':
      return api.control(job.workspace, job.id, action, job.version, note);
    default:
      return api.decide(job.workspace, job.id, action, job.version, {
        digest: digest ?? '',
        ...(note.trim() ? { note } : {}),
      });
  }
}

export function finish({ action, onDone }: Pick<Asked, 'action' | 'onDone'>, job: Job): void {
  say(done(action, job));
  tellChanged(job);
  onDone?.(job);
}

/** Says why, and reads how the job stands, since it may have moved on. */
export async function refused(job: Job, failure: unknown): Promise<{ problem: string; job: Job | null }> {
  if (failure instanceof Lost) {
    return { problem: 'No answer came. It may have taken effect: look at the job before you do it again.', job: null };
  }
  if (!(failure instanceof Problem)) throw failure;
  if (![409, 412].includes(failure.status)) return { problem: failure.message, job: null };
  const fresh = await api.job(job.workspace, job.id).catch(() => null);
  if (fresh) tellChanged(fresh.data);
  const words = failure.status === 412 ? 'The job has moved on since you looked at it.' : failure.message;
  return { problem: words, job: fresh?.data ?? null };
}
