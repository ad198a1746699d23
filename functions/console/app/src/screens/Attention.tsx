// Attention: what waits for a person, oldest first.
import type { JSX } from 'preact';

import { controlsOf, decisionsOf } from '../actions/names';
import { ControlButton } from '../actions/ControlButtons';
import * as api from '../api/calls';
import type { Control, Job } from '../api/types';
import { usePages, type Pages } from '../live/pages';
import { useResource } from '../live/resource';
import { path } from '../route';
import { attentionInWords, nextStepInWords, plural } from '../text/words';
import { FirstJob } from '../ui/FirstJob';
import { IdCell, TypeCell } from '../ui/JobCells';
import { Refusal, Waiting } from '../ui/Message';
import { Shape, isStuck } from '../ui/Status';
import { Marked } from '../ui/Text';
import { Ago } from '../ui/Time';

/** How often it looks while nothing on it can move by itself: new work for people may come at any time. */
const IDLE = 60_000;

export function Attention({ workspace }: { workspace: string }) {
  const reviews = usePages(workspace, { status: 'needs_review', order: 'oldest' }, { idle: IDLE });
  const persons = usePages(workspace, { attention: 'true', order: 'oldest' }, { idle: IDLE });
  const isEmpty = [reviews, persons].every((list) => list.isRead.value && !list.problem.value && list.jobs.value.length === 0);
  return (
    <>
      <h1>Attention</h1>
      <List title="Waiting for review" none="No result waits for a decision." pages={reviews} since={(job) => job.updated_at} row={Waits} />
      <List title="Needs a person" none="Nothing has gone wrong that needs a person." pages={persons} since={(job) => job.attention?.since ?? job.updated_at} row={Needs} />
      {isEmpty && <PerhapsFirst workspace={workspace} />}
    </>
  );
}

interface RowProps {
  job: Job;
  /** What names the row, for its button. */
  row: string;
}

interface ListProps {
  title: string;
  none: string;
  pages: Pages;
  since: (job: Job) => string;
  row: (props: RowProps) => JSX.Element;
}

function List({ title, none, pages, since, row: Row }: ListProps) {
  // Releases that do not know the order still show the oldest first.
  const jobs = [...pages.jobs.value].sort((one, other) => since(one).localeCompare(since(other)));
  const id = title.replaceAll(' ', '-').toLowerCase();
  return (
    <section class="list" aria-labelledby={id}>
      <h2 id={id}>
        {title} {jobs.length > 0 && <span class="count">{jobs.length}{pages.hasMore.value && '+'}</span>}
      </h2>
      {pages.problem.value && <Refusal problem={pages.problem.value} />}
      {!pages.isRead.value && <Waiting />}
      {pages.isRead.value && jobs.length === 0 && !pages.problem.value && <p class="quiet">{none}</p>}
      {jobs.length > 0 && (
        <table aria-labelledby={id} class="attention">
          <thead>
            <tr><th>Job</th><th>Type</th><th>Reason</th><th>Since</th><th>Next step</th></tr>
          </thead>
          <tbody>
            {jobs.map((job) => (
              <tr key={job.id}>
                <IdCell job={job} within={id} />
                <TypeCell job={job} />
                <Row job={job} row={`${id}-${job.id}`} />
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {pages.hasMore.value && (
        <button type="button" class="more" disabled={pages.isLoading.value} onClick={pages.more}>Load more</button>
      )}
    </section>
  );
}

function Waits({ job, row }: RowProps) {
  const missing = job.review?.approvals_missing ?? 1;
  return (
    <>
      <td class="reason">
        <Shape of="needs_review" />{' '}
        {job.phase === 'awaiting_action' ? 'Ended in an action that needs a decision' : `${plural(missing, 'approval')} missing`}
        {job.review && <span class="quiet"> · ends <Ago at={job.review.decide_by} /></span>}
      </td>
      <td class="since"><Ago at={job.updated_at} /></td>
      <td class="step"><ReviewStep job={job} row={row} /></td>
    </>
  );
}

function Needs({ job, row }: RowProps) {
  return (
    <>
      <td class="reason">
        <Shape of={isStuck(job) ? 'stuck' : job.status} /> <Marked text={attentionInWords(job)} />
      </td>
      <td class="since"><Ago at={job.attention?.since ?? job.updated_at} /></td>
      <td class="step"><Step job={job} row={row} /></td>
    </>
  );
}

function Step({ job, row }: RowProps) {
  const step = job.attention?.next_step ?? '';
  if (step === 'decide') return <ReviewStep job={job} row={row} />;
  const control = controlsOf(job).find((one): one is Control => one === step);
  return control ? (
    <ControlButton action={control} job={job} describedBy={row} />
  ) : (
    <Marked text={nextStepInWords(step)} />
  );
}

function ReviewStep({ job, row }: RowProps) {
  if (decisionsOf(job).length === 0) return <span>{nextStepInWords('decide')}</span>;
  return <a class="step-link" href={path(job.workspace, 'review', job.id)} aria-describedby={row}>Open review</a>;
}

function PerhapsFirst({ workspace }: { workspace: string }) {
  const any = useResource(async () => (await api.jobs(workspace, { limit: '1' })).data, [workspace]);
  const page = any.data.value;
  return page && page.jobs.length === 0 && page.next_cursor === null ? <FirstJob workspace={workspace} /> : null;
}
