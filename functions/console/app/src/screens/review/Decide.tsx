// The decision: a note, and a button for each thing that the API allows, which says what it does before it is done.
import type { Signal } from '@preact/signals';
import { useId } from 'preact/hooks';

import { ask } from '../../actions/asked';
import { decisionsOf, nameOf } from '../../actions/names';
import type { Decision, Job } from '../../api/types';
import type { ReadResult } from '../../live/result';
import { LONGEST_EDIT } from '../../ui/Diff';

interface Props {
  job: Job;
  read: ReadResult;
  note: Signal<string>;
  onEdit: () => void;
  onDone: () => void;
}

export function Decide({ job, read, note, onEdit, onDone }: Props) {
  const id = useId();
  const isLong = read.text.length > LONGEST_EDIT;
  const decisions = decisionsOf(job).filter((one) => one !== 'edit' || !isLong);
  const press = (action: Decision) => {
    if (action === 'edit') onEdit();
    else ask({ action, job, note: note.value, digest: read.result.digest, onDone });
  };
  return (
    <section class="decide" aria-label="Decision">
      <div class="field">
        <label for={id}>Note</label>
        <textarea
          id={id} rows={2} maxLength={4000} value={note.value} placeholder="Required to reject or to request changes"
          onInput={(event) => (note.value = event.currentTarget.value)}
        />
      </div>
      <div class="buttons">
        {decisions.map((action) => (
          <button key={action} type="button" class={action === 'approve' ? 'primary' : undefined} onClick={() => press(action)}>
            {nameOf(action)}
          </button>
        ))}
      </div>
      <p class="quiet">
        {!decisionsOf(job).includes('approve') && 'You may not approve this one; others have to. '}
        {isLong && decisionsOf(job).includes('edit') && 'The text is too long to be edited here; the API takes up to a megabyte.'}
      </p>
    </section>
  );
}
