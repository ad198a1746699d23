// The dialog of an action on many jobs: the count and the cost first, then progress, then what failed.
import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';

import { path } from '../route';
import { totalInWords } from '../text/money';
import { plural } from '../text/words';
import { shortId } from '../ui/Copy';
import { Dialog } from '../ui/Dialog';
import { Marked } from '../ui/Text';
import { bulk, close, MOST, run, stop, type Bulk, type BulkAction } from './bulk';
import { nameOf } from './names';

const WHAT: Record<BulkAction, string[]> = {
  retry: ['Each job starts again. A lost run is taken up if it lives; otherwise a new run is paid for, on top of what is named here.'],
  cancel: [
    'Each job ends for good. The provider is asked to stop what runs, and what still comes is delivered to nobody.',
    'What has been paid so far stays. A run that is being stopped may still add to it.',
  ],
  archive: ['Each job leaves the lists and stays readable. Nothing changes at the provider.'],
};

export function BulkDialog() {
  const state = bulk.value;
  if (!state) return null;
  const back = () => {
    stop();
    close();
  };
  return (
    <Dialog title={titleOf(state)} onBack={() => state.phase !== 'running' && back()}>
      {state.phase === 'collecting' && (
        <>
          <p role="status">Collecting what matches: {plural(state.jobs.length, 'job')} so far.</p>
          <div class="buttons"><button type="button" onClick={back}>Back</button></div>
        </>
      )}
      {state.phase === 'asking' && <Asking state={state} onBack={back} />}
      {state.phase === 'running' && <Running state={state} />}
      {state.phase === 'ended' && <Ended state={state} onBack={back} />}
    </Dialog>
  );
}

function titleOf(state: Bulk): string {
  const count = plural(state.jobs.length, 'job');
  return state.phase === 'asking' ? `${nameOf(state.action)} ${count}?` : `${nameOf(state.action)}: ${count}`;
}

function Asking({ state, onBack }: { state: Bulk; onBack: () => void }) {
  const note = useSignal('');
  const id = useId();
  const filters = Object.entries(state.filter).map(([name, value]) => `${name} ${value}`).join(', ');
  const press = (event: Event) => {
    event.preventDefault();
    void run(note.value);
  };
  if (state.jobs.length === 0) {
    return (
      <>
        <p>No match allows it.</p>
        <div class="buttons"><button type="button" onClick={onBack}>Back</button></div>
      </>
    );
  }
  return (
    <form method="dialog" onSubmit={press}>
      <p>
        {filters ? <>Filters: <Marked text={filters} />.</> : 'No filter is set: these are all jobs of the workspace that allow it.'}{' '}
        {state.isCut && `There are more matches; at most ${MOST} are taken at once.`}
      </p>
      <p>These jobs have cost <strong>{totalInWords(state.jobs.map((job) => job.cost))}</strong> so far.</p>
      {WHAT[state.action].map((sentence) => <p key={sentence}>{sentence}</p>)}
      <div class="field">
        <label for={id}>Note</label>
        <textarea
          id={id} rows={2} maxLength={4000} value={note.value}
          onInput={(event) => (note.value = event.currentTarget.value)}
        />
      </div>
      <div class="buttons">
        <button type="submit" class="primary">Confirm</button>
        <button type="button" onClick={onBack}>Back</button>
      </div>
    </form>
  );
}

function Running({ state }: { state: Bulk }) {
  const over = state.done + state.failed.length;
  return (
    <>
      <progress aria-label="Progress" value={over} max={state.jobs.length} />
      <p role="status">{over} of {state.jobs.length}{state.isStopped && ', stopping'}</p>
      <div class="buttons"><button type="button" disabled={state.isStopped} onClick={stop}>Stop</button></div>
    </>
  );
}

function Ended({ state, onBack }: { state: Bulk; onBack: () => void }) {
  const untouched = state.jobs.length - state.done - state.failed.length;
  return (
    <>
      {state.problem ? (
        <p class="refusal" role="alert"><Marked text={state.problem} /></p>
      ) : (
        <p role="status">
          Done for {plural(state.done, 'job')}.{untouched > 0 && ` Stopped; ${plural(untouched, 'job')} left alone.`}
        </p>
      )}
      {state.failed.length > 0 && (
        <section aria-label="Failed" class="failed-list">
          <h3>{plural(state.failed.length, 'job')} failed</h3>
          <ul>
            {state.failed.map(({ job, why }) => (
              <li key={job.id}>
                <a href={path(state.workspace, 'jobs', job.id)} onClick={onBack}><code>{shortId(job.id)}</code></a> <Marked text={why} />
              </li>
            ))}
          </ul>
        </section>
      )}
      <div class="buttons"><button type="button" onClick={onBack}>Back</button></div>
    </>
  );
}
