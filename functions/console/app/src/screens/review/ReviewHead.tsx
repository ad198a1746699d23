// What a review is about: which round of what, who decided so far, how many are missing, and until when.
import type { Job } from '../../api/types';
import { path } from '../../route';
import { plural } from '../../text/words';
import { CopyId, shortId } from '../../ui/Copy';
import { Digest } from '../../ui/Digest';
import { Fact, Facts } from '../../ui/Facts';
import { CostInWords } from '../../ui/JobCells';
import { Status } from '../../ui/Status';
import { Person } from '../../ui/Person';
import { Marked } from '../../ui/Text';
import { When } from '../../ui/Time';

export function ReviewHead({ job, digest }: { job: Job; digest: string | null }) {
  const { review } = job;
  return (
    <header class="job-head">
      <div class="title-line">
        <a href={path(job.workspace, 'jobs', job.id)} title={job.id}><code>{shortId(job.id)}</code></a>
        <CopyId id={job.id} />
        <Status job={job} />
        <span><Marked text={job.type} /></span>
        {job.input_summary && <span class="quiet"><Marked text={job.input_summary} /></span>}
      </div>
      <Facts>
        <Fact name="Submitted by"><Person id={job.created_by} /></Fact>
        <Fact name="On behalf of">
          {job.on_behalf_of ? <Person id={job.on_behalf_of} /> : <span class="quiet">nobody else</span>}
        </Fact>
        {review && (
          <>
            <Fact name="Round">attempt {review.attempt}</Fact>
            <Fact name="Decided so far">{approvedBy(review.approved_by)}</Fact>
            <Fact name="Missing">{plural(review.approvals_missing, 'approval')}</Fact>
            <Fact name="Overdue from"><When at={review.overdue_at} /></Fact>
            <Fact name="Decide until"><When at={review.decide_by} /></Fact>
          </>
        )}
        <Fact name="Digest"><Digest of={digest ?? review?.digest} /></Fact>
        <Fact name="Cost"><CostInWords job={job} /></Fact>
      </Facts>
    </header>
  );
}

function approvedBy(people: string[] | undefined) {
  if (!people) return <span class="quiet">not told to you</span>;
  if (people.length === 0) return <span class="quiet">nobody</span>;
  return <>approved by {people.map((one, index) => <span key={one}>{index > 0 && ', '}<Person id={one} /></span>)}</>;
}
