// Cells that several tables of jobs share.
import type { Job } from '../api/types';
import { path } from '../route';
import { exact, inWords, short, sign } from '../text/money';
import { plain } from '../text/words';
import { CopyId, shortId } from './Copy';
import { Person } from './Person';
import { Marked } from './Text';

/** `within` keeps the rows of two lists apart. */
export function IdCell({ job, within = 'row' }: { job: Job; within?: string }) {
  return (
    <td class="id">
      <a data-row href={path(job.workspace, 'jobs', job.id)} title={job.id} id={`${within}-${job.id}`}>
        <code>{shortId(job.id)}</code>
      </a>
      <CopyId id={job.id} />
    </td>
  );
}

/** What kind of work it is, and what it is about where somebody said so. */
export function TypeCell({ job }: { job: Job }) {
  return (
    <td class="type">
      <span class="name"><Marked text={job.type} /></span>
      {job.input_summary && <span class="summary"> <Marked text={job.input_summary} /></span>}
    </td>
  );
}

export function CostCell({ job }: { job: Job }) {
  const { cost } = job;
  return (
    <td class="cost number" title={`${inWords(cost)} (${plain(cost.state)})`}>
      {cost.state !== 'known' && (
        <>
          <span class="sign" aria-hidden="true">{sign(cost)}</span>
          <span class="unheard">{plain(cost.state)} </span>
        </>
      )}
      {short(cost.usd)}
    </td>
  );
}

export function CostInWords({ job }: { job: Job }) {
  return <>{job.cost.state === 'estimated' ? exact(job.cost.usd) : inWords(job.cost)} <span class="quiet">{plain(job.cost.state)}</span></>;
}

export function Who({ job }: { job: Job }) {
  return (
    <>
      <Person id={job.created_by} />
      {job.on_behalf_of && <span class="quiet"> for <Person id={job.on_behalf_of} /></span>}
    </>
  );
}
