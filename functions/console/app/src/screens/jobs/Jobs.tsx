// Jobs: the table of a workspace's jobs, its filters, and what can be done with all that match.
import { collect, type BulkAction } from '../../actions/bulk';
import { nameOf } from '../../actions/names';
import type { JobFilter } from '../../api/calls';
import type { Job } from '../../api/types';
import { usePages } from '../../live/pages';
import { query } from '../../route';
import { visible } from '../../text/visible';
import { attentionInWords, plain, plural } from '../../text/words';
import { FirstJob } from '../../ui/FirstJob';
import { CostCell, IdCell, TypeCell, Who } from '../../ui/JobCells';
import { Refusal, Waiting } from '../../ui/Message';
import { Shape, Status } from '../../ui/Status';
import { Marked } from '../../ui/Text';
import { Age, When } from '../../ui/Time';
import { Filters } from './Filters';
import { filterOf } from './asked';

const BULK: readonly BulkAction[] = ['retry', 'cancel', 'archive'];

export function Jobs({ workspace }: { workspace: string }) {
  const filter = filterOf(query.value);
  const pages = usePages(workspace, filter);
  const jobs = pages.jobs.value;
  // A workspace that is not there, or not for this person, has nothing to filter.
  const isNowhere = pages.problem.value?.status === 404;
  const isFiltered = Object.keys(filter).length > 0;
  return (
    <>
      <h1>Jobs</h1>
      {!isNowhere && <Filters workspace={workspace} filter={filter} />}
      {pages.problem.value && <Refusal problem={pages.problem.value} />}
      {!pages.isRead.value && <Waiting />}
      {jobs.length > 0 && (
        <>
          <ForAll workspace={workspace} filter={filter} jobs={jobs} hasMore={pages.hasMore.value} />
          <Table jobs={jobs} />
        </>
      )}
      {pages.isRead.value && jobs.length === 0 && !pages.problem.value && (
        isFiltered || pages.hasMore.value ? <p class="quiet">No job matches{pages.hasMore.value && ' so far'}.</p> : <FirstJob workspace={workspace} />
      )}
      {pages.hasMore.value && (
        <div class="more">
          <button type="button" disabled={pages.isLoading.value} onClick={pages.more}>Load more</button>
          {pages.searchedTo.value && <span class="quiet">Searched back to <When at={pages.searchedTo.value} /></span>}
        </div>
      )}
    </>
  );
}

function ForAll({ workspace, filter, jobs, hasMore }: { workspace: string; filter: JobFilter; jobs: Job[]; hasMore: boolean }) {
  const possible = BULK.filter((action) => jobs.some((job) => job.allowed_actions.includes(action)));
  return (
    <div class="for-all">
      <span class="quiet">{plural(jobs.length, 'job')}{hasMore && ' so far'}</span>
      {possible.length > 0 && (
        <span class="buttons" role="group" aria-label="All that match">
          <span class="quiet">All that match:</span>
          {possible.map((action) => (
            <button key={action} type="button" class="small" onClick={() => collect(action, workspace, filter)}>{nameOf(action)}</button>
          ))}
        </span>
      )}
    </div>
  );
}

function Table({ jobs }: { jobs: Job[] }) {
  return (
    <table aria-label="Jobs" class="jobs">
      <thead>
        <tr>
          <th>Job</th><th>Type</th><th>Lane</th><th>Status</th><th>Who</th><th class="number">Age</th><th class="number">Cost</th><th>Attention</th>
        </tr>
      </thead>
      <tbody>
        {jobs.map((job) => (
          <tr key={job.id}>
            <IdCell job={job} />
            <TypeCell job={job} />
            <td class="lane">{plain(job.lane)}</td>
            <td class="state"><Status job={job} /></td>
            <td class="who"><Who job={job} /></td>
            <td class="age number"><Age at={job.created_at} /></td>
            <CostCell job={job} />
            <td class="attention">
              {job.attention && <span title={visible(attentionInWords(job))}><Shape of="stuck" /> <Marked text={plain(job.attention.code)} /></span>}
              {job.archived_at && <span class="quiet"> in the archive</span>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
