// Another text in the place of the proposed one: text, note, the difference, Save and Discard.
import { useSignal, type Signal } from '@preact/signals';
import { useEffect, useId, useRef } from 'preact/hooks';

import { finish, refused } from '../../actions/asked';
import { consequence } from '../../actions/names';
import * as api from '../../api/calls';
import { LoggedOut } from '../../api/client';
import type { Job } from '../../api/types';
import { unseenCount } from '../../text/visible';
import { plural } from '../../text/words';
import { Diff, LONGEST_EDIT } from '../../ui/Diff';
import { Marked } from '../../ui/Text';
import type { Base } from './Review';

interface Props {
  job: Job;
  base: Base;
  text: Signal<string>;
  note: Signal<string>;
  onDiscard: () => void;
  onSaved: () => void;
}

const DIFF_AFTER = 250;

export function Editor({ job, base, text, note, onDiscard, onSaved }: Props) {
  const problem = useSignal<string | null>(null);
  const isBusy = useSignal(false);
  const compared = useSignal(text.value);
  const field = useRef<HTMLTextAreaElement>(null);
  const [textId, noteId] = [useId(), useId()];
  useEffect(() => field.current?.focus({ preventScroll: false }), []);
  useEffect(() => {
    const timer = setTimeout(() => (compared.value = text.value), DIFF_AFTER);
    return () => clearTimeout(timer);
  }, [text.value]);

  const unseen = unseenCount(compared.value);
  const isLong = text.value.length > LONGEST_EDIT;
  const save = async (event: Event) => {
    event.preventDefault();
    isBusy.value = true;
    try {
      const body = { digest: base.digest, text: text.value, ...(note.value.trim() ? { note: note.value } : {}) };
      const { data } = await api.decide(job.workspace, job.id, 'edit', base.version, body);
      onSaved();
      finish({ action: 'edit' }, data);
    } catch (failure) {
      if (!(failure instanceof LoggedOut)) problem.value = (await refused(job, failure)).problem;
    } finally {
      isBusy.value = false;
    }
  };

  return (
    <form class="editor" aria-label="Your text" onSubmit={save}>
      <div class="field">
        <label for={textId}>Text</label>
        <textarea
          id={textId} ref={field} rows={12} dir="auto" spellcheck={false} value={text.value}
          onInput={(event) => (text.value = event.currentTarget.value)}
        />
      </div>
      {unseen > 0 && <p class="warning">{plural(unseen, 'character')} of this text cannot be seen here. The difference below marks them where they change.</p>}
      {isLong && <p class="warning">This is longer than can be saved here.</p>}
      <div class="field">
        <label for={noteId}>Note</label>
        <textarea id={noteId} rows={2} maxLength={4000} value={note.value} onInput={(event) => (note.value = event.currentTarget.value)} />
      </div>
      <h2>Difference</h2>
      <Diff label="Difference" before={base.text} after={compared.value} />
      {consequence('edit', job).map((sentence) => <p key={sentence} class="quiet">{sentence}</p>)}
      {problem.value && <p class="refusal" role="alert"><Marked text={problem.value} /></p>}
      <div class="buttons">
        {!isLong && <button type="submit" class="primary" disabled={isBusy.value || text.value === base.text}>Save</button>}
        <button type="button" onClick={onDiscard}>Discard</button>
      </div>
    </form>
  );
}
