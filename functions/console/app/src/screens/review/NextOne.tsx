// After a decision: the next review that this person can decide, oldest first.
import { decisionsOf } from '../../actions/names';
import * as api from '../../api/calls';
import type { Job } from '../../api/types';
import { useResource } from '../../live/resource';
import { path } from '../../route';

export function NextOne({ job, isDecided }: { job: Job; isDecided: boolean }) {
  const next = useResource(
    async () => {
      const { data } = await api.jobs(job.workspace, { status: 'needs_review', order: 'oldest', limit: '100' });
      const others = data.jobs.filter((one) => one.id !== job.id && decisionsOf(one).length > 0);
      return { job: others.sort((one, other) => one.updated_at.localeCompare(other.updated_at))[0] ?? null };
    },
    [job.id, job.version],
  );
  if (!next.data.value) return null;
  const other = next.data.value.job;
  if (!other && !isDecided) return null;
  return (
    <p class="next-one">
      {other ? <a class="step-link" href={path(job.workspace, 'review', other.id)}>Next one</a> : <span class="quiet">Nothing else waits for you.</span>}
    </p>
  );
}
