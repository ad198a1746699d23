// Review: what was asked beside what would be delivered, and the decision about it.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

import { decisionsOf } from '../../actions/names';
import * as api from '../../api/calls';
import type { Job } from '../../api/types';
import { draftOf, dropDraft, keepDraft } from '../../auth/drafts';
import { beforeLogin } from '../../auth/login';
import { useJob } from '../../live/job';
import { useResource } from '../../live/resource';
import { useResult, type ReadResult } from '../../live/result';
import { InputParts, NoInput } from '../../ui/InputParts';
import { Refusal, Waiting } from '../../ui/Message';
import { ResultParts } from '../../ui/ResultParts';
import { Decide } from './Decide';
import { Editor } from './Editor';
import { NextOne } from './NextOne';
import { ReviewHead } from './ReviewHead';

export function Review({ workspace, id }: { workspace: string; id: string }) {
  const live = useJob(workspace, id);
  const job = live.job.value;
  const problem = live.problem.value;
  return (
    <>
      <h1>Review</h1>
      {problem && <Refusal problem={problem} />}
      {!job && !problem && <Waiting />}
      {job && <Whole job={job} />}
    </>
  );
}

/** What was on the screen when editing began. */
export interface Base {
  version: number;
  digest: string;
  text: string;
}

const KEEP_AFTER = 300;

function Whole({ job }: { job: Job }) {
  const input = useResource(async () => (await api.input(job.workspace, job.id)).data, [job.id]);
  const result = useResult(job);
  const read = result.problem.value ? null : result.data.value;
  const base = useSignal<Base | null>(null);
  const text = useSignal('');
  const note = useSignal('');
  const restored = useSignal(false);
  const isDecided = useSignal(false);
  const first = useRef<string | null>(null);

  const digest = read?.result.digest ?? null;
  // The answer about the job and the one about its result are two: only what both speak of is decided about.
  const isSame = digest !== null && job.review?.digest === digest;
  const decisions = decisionsOf(job);
  if (digest && isSame) first.current ??= digest;
  const hasChanged = first.current !== null && isSame && digest !== first.current;

  const isRestored = useRestored(job, read, isSame, (draft) => {
    note.value = draft.note ?? note.value;
    if (draft.text !== undefined && decisions.includes('edit')) {
      base.value = { version: job.version, digest: digest!, text: read!.text };
      text.value = draft.text;
    }
    restored.value = true;
  });
  useKept(isRestored, job.id, base.value?.digest ?? digest, base.value ? text.value : undefined, note.value);

  const drop = () => {
    dropDraft(job.id, base.value?.digest ?? digest);
    base.value = null;
    restored.value = false;
  };
  const over = () => {
    drop();
    note.value = '';
    first.current = null;
    isDecided.value = true;
  };
  const edit = () => {
    base.value = { version: job.version, digest: digest!, text: read!.text };
    text.value = read!.text;
  };

  return (
    <>
      <ReviewHead job={job} digest={digest} />
      {decisions.length === 0 && !isDecided.value && <p class="warning">{noDecision(job)}</p>}
      {hasChanged && <p class="warning" role="status">What waits has changed since you opened this page. Read it again.</p>}
      {restored.value && <p class="warning" role="status">What you had not sent yet is back.</p>}
      <div class="sides">
        <section aria-label="Input" class="side">
          <h2>Input</h2>
          {input.problem.value && <NoInput problem={input.problem.value} />}
          {input.data.value ? <InputParts input={input.data.value.input} /> : !input.problem.value && <Waiting />}
        </section>
        <section aria-label="Proposed result" class="side">
          <h2>Proposed result</h2>
          {result.problem.value && <Refusal problem={result.problem.value} />}
          {base.value && <Editor job={job} base={base.value} text={text} note={note} onDiscard={drop} onSaved={over} />}
          {read ? <ResultParts isEdited={base.value !== null} result={read.result} text={read.text} /> : !result.problem.value && <Waiting />}
        </section>
      </div>
      {!base.value && decisions.length > 0 && isSame && (
        <Decide job={job} read={read!} note={note} onEdit={edit} onDone={over} />
      )}
      {(isDecided.value || decisions.length === 0) && <NextOne job={job} isDecided={isDecided.value} />}
    </>
  );
}

const noDecision = (job: Job): string =>
  job.status === 'needs_review'
    ? 'It waits for a decision that you may not make: a reviewer of this workspace has to decide.'
    : 'It does not wait for a decision now.';

/** Brings back what was unsaved, once, when the result that it belongs to is there. */
function useRestored(job: Job, read: ReadResult | null, isSame: boolean, restore: (draft: { text?: string; note?: string }) => void) {
  const done = useRef(false);
  useEffect(() => {
    if (done.current || !read || !isSame) return;
    done.current = true;
    const draft = draftOf(job.id, read.result.digest);
    if (draft.text !== undefined || draft.note) restore(draft);
  }, [read, isSame]);
  return done;
}

/** Keeps what is unsaved for a login in between. */
function useKept(isRestored: { current: boolean }, job: string, digest: string | null, text: string | undefined, note: string) {
  const keep = () => {
    if (digest && isRestored.current) keepDraft(job, digest, { ...(text === undefined ? {} : { text }), note });
  };
  const latest = useRef(keep);
  latest.current = keep;
  useEffect(() => beforeLogin(() => latest.current()), []);
  useEffect(() => {
    const timer = setTimeout(() => latest.current(), KEEP_AFTER);
    return () => clearTimeout(timer);
  }, [text, note, digest]);
}
