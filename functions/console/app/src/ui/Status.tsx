// The status of a job as a shape and a word. What is stuck never looks like what runs.
import type { Job } from '../api/types';
import { phaseInWords, plain } from '../text/words';

const SHAPES: Record<string, string> = {
  queued: 'M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11z',
  running: 'M4.5 2.8v10.4l8.5-5.2z',
  needs_review: 'M8 1.8 14.2 8 8 14.2 1.8 8z',
  completed: 'M2.8 8.6l3.4 3.6 7-8',
  failed: 'M3.5 3.5l9 9m0-9l-9 9',
  canceled: 'M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11zM4.2 11.8l7.6-7.6',
  expired: 'M4 2.5h8M4 13.5h8M5 2.5c0 3 3 4 3 5.5s-3 2.5-3 5.5m6-11c0 3-3 4-3 5.5s3 2.5 3 5.5',
  stuck: 'M8 1.8 14.8 13.8H1.2zM8 6v4m0 1.6v.4',
  other: 'M3 8h10',
};

const FILLED = ['running', 'needs_review'];

export function Shape({ of }: { of: string }) {
  return (
    <svg class={`shape ${of}`} viewBox="0 0 16 16" width="12" height="12" aria-hidden="true">
      <path
        d={SHAPES[of] ?? SHAPES.other!}
        fill={FILLED.includes(of) ? 'currentColor' : 'none'}
        stroke="currentColor"
        stroke-width="1.6"
        stroke-linejoin="round"
        stroke-linecap="round"
      />
    </svg>
  );
}

export const isStuck = (job: Job): boolean => job.attention?.code === 'stuck';

export function Status({ job }: { job: Job }) {
  const stuck = isStuck(job);
  const phase = phaseInWords(job.phase);
  return (
    <span class={`status ${stuck ? 'stuck' : job.status}`}>
      <Shape of={stuck ? 'stuck' : job.status} />
      <span class="word">{stuck ? 'stuck' : plain(job.status)}</span>
      {stuck ? <span class="phase">while {plain(job.status)}</span> : phase && <span class="phase">{phase}</span>}
    </span>
  );
}
