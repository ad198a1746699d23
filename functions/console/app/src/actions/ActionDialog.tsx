// The dialog before an action: what will come of it, a note, Confirm and Back.
import { useSignal } from '@preact/signals';
import { useEffect, useId } from 'preact/hooks';

import { LoggedOut } from '../api/client';
import { draftOf, dropDraft, keepDraft } from '../auth/drafts';
import { beforeLogin } from '../auth/login';
import { shortId } from '../ui/Copy';
import { Dialog } from '../ui/Dialog';
import { Digest } from '../ui/Digest';
import { Status } from '../ui/Status';
import { Marked } from '../ui/Text';
import { asked, confirm, type Asked } from './asked';
import { consequence, DECISIONS, nameOf } from './names';

export function ActionDialog() {
  const what = asked.value;
  return what && <Open key={what.action + what.job.id} what={what} />;
}

function Open({ what }: { what: Asked }) {
  const job = useSignal(what.job);
  const note = useSignal(what.note ?? draftOf(what.job.id, what.action).note ?? '');
  const problem = useSignal<string | null>(null);
  const isBusy = useSignal(false);
  const noteId = useId();
  const isDecision = (DECISIONS as readonly string[]).includes(what.action);
  const isAllowed = job.value.allowed_actions.includes(what.action);
  // Another draft than the one that was read is not decided about unread.
  const isOther = isDecision && job.value.version !== what.job.version;
  const back = () => (asked.value = null);

  // A login in between loses no note; a decision's is kept by the page it was written on.
  useEffect(() => {
    dropDraft(what.job.id, what.action);
    return beforeLogin(() => !isDecision && keepDraft(what.job.id, what.action, { note: note.value }));
  }, []);

  const press = async (event: Event) => {
    event.preventDefault();
    isBusy.value = true;
    try {
      const outcome = await confirm({ ...what, job: job.value }, note.value);
      if (!outcome) return back();
      problem.value = outcome.problem;
      if (outcome.job) job.value = outcome.job;
    } catch (failure) {
      if (!(failure instanceof LoggedOut)) throw failure;
    } finally {
      isBusy.value = false;
    }
  };

  return (
    <Dialog title={`${nameOf(what.action)}${isDecision ? '' : ' this job'}?`} onBack={back}>
      <form method="dialog" onSubmit={press}>
        <p class="subject">
          <Status job={job.value} /> <code>{shortId(what.job.id)}</code> <Marked text={what.job.type} />
          {what.digest && <span class="quiet"> · digest <Digest of={what.digest} /></span>}
        </p>
        {consequence(what.action, job.value).map((sentence) => <p key={sentence}>{sentence}</p>)}
        {isDecision ? (
          <p class="quiet">{note.value.trim() ? <>With your note: “<Marked text={note.value} />”</> : 'Without a note.'}</p>
        ) : (
          <div class="field">
            <label for={noteId}>Note</label>
            <textarea
              id={noteId} rows={3} maxLength={4000} value={note.value}
              onInput={(event) => (note.value = event.currentTarget.value)}
            />
          </div>
        )}
        {problem.value && (
          <p class="refusal" role="alert">
            <Marked text={problem.value} />{' '}
            {!isAllowed && 'It can no longer be done.'}
            {isAllowed && isOther && 'Go back and read what waits now.'}
          </p>
        )}
        <div class="buttons">
          {isAllowed && !isOther && (
            <button type="submit" class="primary" disabled={isBusy.value}>Confirm</button>
          )}
          <button type="button" onClick={back}>Back</button>
        </div>
      </form>
    </Dialog>
  );
}
