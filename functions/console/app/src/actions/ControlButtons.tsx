// The controls of one job that the API allows this person, each with its dialog before it.
import type { Control, Job } from '../api/types';
import { ask } from './asked';
import { controlsOf, nameOf } from './names';

export function ControlButton({ action, job, describedBy }: { action: Control; job: Job; describedBy?: string }) {
  return (
    <button type="button" aria-describedby={describedBy} onClick={() => ask({ action, job })}>
      {nameOf(action)}
    </button>
  );
}

export function ControlButtons({ job }: { job: Job }) {
  return (
    <>
      {controlsOf(job).map((action) => <ControlButton key={action} action={action} job={job} />)}
    </>
  );
}
