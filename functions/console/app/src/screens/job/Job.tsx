// Job: everything about one job, and what this person may do with it.
import { ControlButtons } from '../../actions/ControlButtons';
import { controlsOf, decisionsOf } from '../../actions/names';
import { jobPath } from '../../api/calls';
import * as api from '../../api/calls';
import type { Job as JobData } from '../../api/types';
import { useJob } from '../../live/job';
import { useResource } from '../../live/resource';
import { path } from '../../route';
import { attentionInWords, dueInWords, laneReasons, nextStepInWords, plain } from '../../text/words';
import { copy, CopyId } from '../../ui/Copy';
import { Fact, Facts } from '../../ui/Facts';
import { CostInWords, Who } from '../../ui/JobCells';
import { Refusal, Waiting } from '../../ui/Message';
import { Shape, Status } from '../../ui/Status';
import { Tabs } from '../../ui/Tabs';
import { Marked } from '../../ui/Text';
import { When } from '../../ui/Time';
import { Bar } from './Bar';
import { InputTab, ProviderTab, RawTab, ResultTab } from './tabs';
import { TrailTab } from './TrailTab';

const TABS = ['Result', 'Input', 'Trail', 'Provider', 'Raw'] as const;

export function Job({ workspace, id }: { workspace: string; id: string }) {
  const live = useJob(workspace, id);
  const job = live.job.value;
  const problem = live.problem.value;
  return (
    <>
      <h1>Job</h1>
      {problem && <Refusal problem={problem} />}
      {!job && !problem && <Waiting />}
      {job && <Whole job={job} />}
    </>
  );
}

function Whole({ job }: { job: JobData }) {
  const trail = useResource(async () => (await api.trail(job.workspace, job.id)).data, [job.id, job.version]);
  const seconds = trail.data.value?.seconds;
  return (
    <>
      <Head job={job} />
      {seconds && <Bar seconds={seconds} />}
      <Tabs label="Parts of the job" tabs={TABS}>
        {(tab) => {
          switch (tab) {
            case 'Input':
              return <InputTab job={job} />;
            case 'Trail':
              return <TrailTab trail={trail} />;
            case 'Provider':
              return <ProviderTab job={job} />;
            case 'Raw':
              return <RawTab job={job} />;
            default:
              return <ResultTab job={job} />;
          }
        }}
      </Tabs>
    </>
  );
}

const curl = (job: JobData): string =>
  `curl -s "${location.origin}${jobPath(job.workspace, job.id)}" -H "authorization: Bearer $TOKEN"`;

/** Whether the next step stands above as a button. */
const isOffered = (job: JobData, step: string): boolean =>
  step === 'decide' ? decisionsOf(job).length > 0 : (controlsOf(job) as string[]).includes(step);

function Head({ job }: { job: JobData }) {
  return (
    <header class="job-head">
      <div class="title-line">
        <span class="whole-id"><code class="job-id">{job.id}</code> <CopyId id={job.id} /></span>
        <Status job={job} />
        <span class="buttons">
          {decisionsOf(job).length > 0 && <a class="step-link" href={path(job.workspace, 'review', job.id)}>Open review</a>}
          <ControlButtons job={job} />
          <button type="button" onClick={() => copy(curl(job), 'The command is')}>Copy as curl</button>
        </span>
      </div>
      {job.input_summary && <p class="subject"><Marked text={job.input_summary} /></p>}
      {job.attention ? (
        <p class="attention-line">
          <Shape of="stuck" /> <strong><Marked text={attentionInWords(job)} /></strong> {isOffered(job, job.attention.next_step) || <Marked text={nextStepInWords(job.attention.next_step)} />}{' '}
          <span class="quiet">since <When at={job.attention.since} /></span>
        </p>
      ) : (
        job.reason && <p><Marked text={job.reason.message} /></p>
      )}
      <HeadFacts job={job} />
    </header>
  );
}

function HeadFacts({ job }: { job: JobData }) {
  const tags = Object.entries(job.tags);
  return (
    <Facts>
      <Fact name="Since"><When at={job.updated_at} /></Fact>
      <Fact name="Created"><When at={job.created_at} /></Fact>
      <Fact name="Who"><Who job={job} /></Fact>
      <Fact name="Type">
        <a href={path(job.workspace, 'job-types', job.type, { version: String(job.type_version) })}><Marked text={job.type} /></a>{' '}
        <span class="quiet">version {job.type_version}</span>
      </Fact>
      <Fact name="Lane">{plain(job.lane)} <span class="quiet">because {laneReasons(job.lane_reasons)}</span></Fact>
      <Fact name="Cost"><CostInWords job={job} /></Fact>
      <Fact name="Attempt">{job.attempt}{job.escalation_level > 0 && <span class="quiet"> · level {job.escalation_level}</span>}</Fact>
      {job.next_step && <Fact name="Next">{dueInWords(job.next_step.action)} <When at={job.next_step.at} /></Fact>}
      {job.deadline_at && <Fact name="Deadline"><When at={job.deadline_at} /></Fact>}
      {tags.length > 0 && (
        <Fact name="Tags">
          {tags.map(([key, value]) => (
            <a key={key} class="tag" href={path(job.workspace, 'jobs', null, { tag: `${key}:${value}` })}><Marked text={`${key}:${value}`} /></a>
          ))}
        </Fact>
      )}
      {job.archived_at && <Fact name="In the archive"><When at={job.archived_at} /></Fact>}
    </Facts>
  );
}
