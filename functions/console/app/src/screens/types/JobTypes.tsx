// Job types: the policy of each kind of work, its versions, and what changed between two of them.
import * as api from '../../api/calls';
import type { JobType } from '../../api/types';
import { useResource } from '../../live/resource';
import { go, path, query, withQuery } from '../../route';
import { plain } from '../../text/words';
import { Diff } from '../../ui/Diff';
import { Refusal, Waiting } from '../../ui/Message';
import { Marked, Text } from '../../ui/Text';
import { policyInWords } from './policy';

export function JobTypes({ workspace, name }: { workspace: string; name: string | null }) {
  const types = useResource(() => api.jobTypes(workspace), [workspace]);
  const all = types.data.value ?? [];
  const shown = name ?? all[0]?.name ?? null;
  return (
    <>
      <h1>Job types</h1>
      {types.problem.value && <Refusal problem={types.problem.value} />}
      {!types.data.value && !types.problem.value && <Waiting />}
      <div class="types">
        <nav aria-label="Types">
          <ul>
            {all.map((type) => (
              <li key={type.name}>
                <a data-row href={path(workspace, 'job-types', type.name)} aria-current={type.name === shown ? 'page' : undefined}>
                  <Marked text={type.name} /> <span class="quiet">{plain(type.lane)}</span>
                </a>
              </li>
            ))}
          </ul>
        </nav>
        {shown && <One key={shown} workspace={workspace} name={shown} />}
      </div>
    </>
  );
}

function One({ workspace, name }: { workspace: string; name: string }) {
  const latest = useResource(() => api.jobType(workspace, name), [workspace, name]);
  const last = latest.data.value?.version ?? 0;
  const asked = Number(query.value.get('version')) || last;
  const against = Number(query.value.get('compare')) || 0;
  const type = useResource(() => read(workspace, name, asked, latest.data.value), [asked, last]);
  const other = useResource(() => read(workspace, name, against, latest.data.value), [against, last]);
  const problem = latest.problem.value ?? type.problem.value ?? (against ? other.problem.value : null);
  const shown = type.data.value;
  return (
    <section class="type-view" aria-label={name}>
      {problem && <Refusal problem={problem} />}
      {!shown && !problem && <Waiting />}
      {shown && (
        <>
          <div class="title-line">
            <h2><Marked text={shown.name} /></h2>
            <Versions label="Version" last={last} value={asked} onChoose={(version) => choose('version', version === last ? 0 : version)} />
            {last > 1 && <Versions label="Compare with" last={last} value={against} none onChoose={(version) => choose('compare', version)} />}
          </div>
          <p><Marked text={shown.description} /></p>
          {against > 0 && other.data.value && (
            <section aria-label="Difference">
              <h3>From version {against} to version {asked}</h3>
              {other.data.value.instructions !== shown.instructions && (
                <Diff label="Difference of the instructions" before={other.data.value.instructions} after={shown.instructions} />
              )}
              <Diff label="Difference of the rest" mono before={rest(other.data.value)} after={rest(shown)} />
            </section>
          )}
          <Policy type={shown} />
        </>
      )}
    </section>
  );
}

const choose = (name: string, version: number) => go(withQuery({ [name]: version ? String(version) : null }), { replace: true });

async function read(workspace: string, name: string, version: number, latest: JobType | null): Promise<JobType | null> {
  if (!version || !latest) return null;
  return version === latest.version ? latest : api.jobType(workspace, name, version);
}

/** The version stands in the heading and would differ always; instructions are compared by words. */
function rest(type: JobType): string {
  const { version: _, instructions: __, ...others } = type;
  return `${JSON.stringify(others, null, 2)}\n`;
}

interface VersionsProps {
  label: string;
  last: number;
  value: number;
  none?: boolean;
  onChoose: (version: number) => void;
}

function Versions({ label, last, value, none = false, onChoose }: VersionsProps) {
  const versions = Array.from({ length: last }, (_, index) => last - index);
  return (
    <label class="inline">
      {label}{' '}
      <select onChange={(event) => onChoose(Number(event.currentTarget.value))}>
        {none && <option value="0" selected={value === 0}>nothing</option>}
        {versions.map((version) => <option key={version} value={version} selected={version === value}>{version}</option>)}
      </select>
    </label>
  );
}

function Policy({ type }: { type: JobType }) {
  return (
    <>
      <dl class="policy">
        {policyInWords(type).map((rule) => (
          <div key={rule.about}>
            <dt>{rule.about}</dt>
            <dd>{rule.sentences.map((sentence) => <p key={sentence}><Marked text={sentence} /></p>)}</dd>
          </div>
        ))}
        <div>
          <dt>Instructions</dt>
          <dd><Text text={type.instructions} /></dd>
        </div>
      </dl>
      <details>
        <summary>The whole document</summary>
        <Text mono text={JSON.stringify(type, null, 2)} />
      </details>
    </>
  );
}
