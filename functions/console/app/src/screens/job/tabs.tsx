// The tabs of a job but for its trail: result, input, the provider's words, and the provider's own bytes.
import * as api from '../../api/calls';
import type { Job } from '../../api/types';
import { useResource } from '../../live/resource';
import { useResult } from '../../live/result';
import { plain } from '../../text/words';
import { Digest } from '../../ui/Digest';
import { Fact, Facts } from '../../ui/Facts';
import { InputParts, NoInput } from '../../ui/InputParts';
import { Quiet, Refusal, Waiting } from '../../ui/Message';
import { ResultParts } from '../../ui/ResultParts';
import { Marked, size, Text } from '../../ui/Text';

/** What the job says it does not have is not asked for. */
export const ResultTab = ({ job }: { job: Job }) =>
  job.result ? <Delivered job={job} /> : <Quiet>There is no result{job.reason ? '.' : ' yet.'}</Quiet>;

function Delivered({ job }: { job: Job }) {
  const read = useResult(job);
  const problem = read.problem.value;
  if (problem?.code === 'no_result') return <Quiet>There is no result{job.reason ? '.' : ' yet.'}</Quiet>;
  if (problem) return <Refusal problem={problem} />;
  if (!read.data.value) return <Waiting />;
  const { result, text } = read.data.value;
  return (
    <>
      <p class="quiet">
        Digest <Digest of={result.digest} /> · attempt {Number(result.attempt)}
        {result.proposed_digest && <> · a reviewer edited <Digest of={result.proposed_digest} /></>}
        {job.result?.late && ' · it came after the job had ended, and was delivered to nobody'}
      </p>
      <ResultParts result={result} text={text} />
    </>
  );
}

export function InputTab({ job }: { job: Job }) {
  const read = useResource(async () => (await api.input(job.workspace, job.id)).data, [job.id]);
  if (read.problem.value) return <NoInput problem={read.problem.value} />;
  if (!read.data.value) return <Waiting />;
  return <InputParts input={read.data.value.input} />;
}

export function ProviderTab({ job }: { job: Job }) {
  const { provider } = job;
  return (
    <>
      <Facts>
        <Fact name="Status, in its words">{provider.status ? <code><Marked text={provider.status} /></code> : <span class="quiet">none</span>}</Fact>
        <Fact name="Response id" wide>{provider.response_id ? <code><Marked text={provider.response_id} /></code> : <span class="quiet">none</span>}</Fact>
        <Fact name="Model">{provider.model ? <Marked text={provider.model} /> : <span class="quiet">not told</span>}</Fact>
        <Fact name="Service tier">{provider.service_tier ? <Marked text={provider.service_tier} /> : <span class="quiet">not told</span>}</Fact>
        {provider.error && (
          <Fact name="Error">
            <code><Marked text={[provider.error.type, provider.error.code].filter(Boolean).join(' / ')} /></code>
          </Fact>
        )}
        {provider.answer && <Fact name="Its answer"><Digest of={provider.answer} /></Fact>}
      </Facts>
      {job.result && <Usage job={job} />}
    </>
  );
}

function Usage({ job }: { job: Job }) {
  const read = useResult(job);
  const usage = read.problem.value ? null : read.data.value?.result.usage;
  if (!usage) return null;
  // What was not used says nothing.
  const used = Object.entries(usage).filter(([, count]) => Number(count) !== 0);
  return (
    <table class="usage" aria-label="Usage">
      <thead><tr><th>Usage</th><th class="number">Count</th></tr></thead>
      <tbody>
        {used.map(([name, count]) => (
          <tr key={name}><td>{plain(name)}</td><td class="number">{Number(count).toLocaleString('en')}</td></tr>
        ))}
      </tbody>
    </table>
  );
}

const NOTHING_KEPT = 'The provider has answered nothing that is kept as a result.';

export const RawTab = ({ job }: { job: Job }) =>
  job.result || job.provider.answer ? <Raw job={job} /> : <Quiet>{NOTHING_KEPT}</Quiet>;

function Raw({ job }: { job: Job }) {
  const read = useResource(async () => {
    const blob = await api.rawBytes(job.workspace, job.id);
    return { blob, text: await blob.text() };
  }, [job.id, job.version]);
  const problem = read.problem.value;
  if (problem?.code === 'no_result') return <Quiet>{NOTHING_KEPT}</Quiet>;
  if (problem) return <Refusal problem={problem} />;
  const raw = read.data.value;
  if (!raw) return <Waiting />;
  return (
    <>
      <p>
        <button type="button" onClick={() => save(raw.blob, `${job.id}.json`)}>Download</button>{' '}
        <span class="quiet">The provider's own bytes, {size(raw.blob.size)}.</span>
      </p>
      <Text mono text={raw.text} />
    </>
  );
}

/** Fetched with the token before, so that no address carries one. */
function save(blob: Blob, name: string): void {
  const address = URL.createObjectURL(new Blob([blob], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
