// The actions by the API's words, the names of their buttons, and what each of them does before it is done.
import type { Control, Decision, Job } from '../api/types';
import { inWords } from '../text/money';
import { plural } from '../text/words';

export const CONTROLS: readonly Control[] = ['retry', 'cancel', 'escalate', 'archive'];
export const DECISIONS: readonly Decision[] = ['approve', 'edit', 'request-changes', 'reject'];

const NAMES: Record<Control | Decision, string> = {
  approve: 'Approve',
  edit: 'Edit',
  reject: 'Reject',
  'request-changes': 'Request changes',
  cancel: 'Cancel',
  retry: 'Retry',
  escalate: 'Escalate',
  archive: 'Archive',
};

export const nameOf = (action: Control | Decision): string => NAMES[action];

export const controlsOf = (job: Job): Control[] => CONTROLS.filter((one) => job.allowed_actions.includes(one));
export const decisionsOf = (job: Job): Decision[] => DECISIONS.filter((one) => job.allowed_actions.includes(one));

/** What comes of it for the job, the run and the cost. */
export function consequence(action: Control | Decision, job: Job): string[] {
  switch (action) {
    case 'cancel':
      return ['The job ends for good and never completes.', ...cancelOf(job)];
    case 'retry':
      return [
        `The job starts again, as attempt ${job.attempt + 1}.`,
        'A run that was lost from sight is looked for first and taken up if it lives. Otherwise a new run is paid for.',
        `Its cost comes on top of ${inWords(job.cost)}.`,
      ];
    case 'escalate':
      return [
        `The next level of people is called in. Now it is level ${job.escalation_level}.`,
        'The job, its run and its cost stay as they are.',
      ];
    case 'archive':
      return [
        'The job leaves the lists and needs nobody any more. It stays readable.',
        'Nothing changes at the provider. A cost that is still open is booked when it is known.',
      ];
    case 'approve':
      return approveOf(job);
    case 'edit':
      return [
        'Your text takes the place of the proposed one, and the review of it begins anew.',
        'Where four eyes hold, others have to approve what you wrote.',
      ];
    case 'reject':
      return ['The job ends as canceled. Its result is delivered to nobody.', 'The cost so far stays. The note is required.'];
    case 'request-changes':
      return [
        `The job goes back to the model with your note, as attempt ${job.attempt + 1}.`,
        `A new run is paid for, on top of ${inWords(job.cost)}. The note is required.`,
      ];
  }
}

function cancelOf(job: Job): string[] {
  switch (job.status) {
    case 'queued':
      return ['A run that has been asked for meanwhile is stopped at the provider. What has been paid so far stays.'];
    case 'running':
      return [
        'The provider is asked to stop the run until it has ended.',
        'Until then the cost counts with all that the request allows. What still comes is kept and delivered to nobody.',
      ];
    default:
      return ['What waits is kept for reviewers and delivered to nobody. The cost so far stays.'];
  }
}

function approveOf(job: Job): string[] {
  const missing = job.review?.approvals_missing ?? 1;
  if (missing > 1) {
    return [`Your approval counts. ${plural(missing - 1, 'more reviewer has', 'more reviewers have')} to approve before it is delivered.`];
  }
  return ['This is the last approval that is missing. The job completes, and exactly this result is delivered.'];
}

/** After it has been done. */
export function done(action: Control | Decision, job: Job): string {
  const words: Record<Control | Decision, string> = {
    cancel: 'The job is canceled.',
    retry: `The job starts again, as attempt ${job.attempt}.`,
    escalate: `The job is at level ${job.escalation_level} now.`,
    archive: 'The job is in the archive.',
    approve: job.status === 'completed' ? 'Approved; the job is completed.' : 'Your approval counts; others have to follow.',
    edit: 'Your text is what waits for approval now.',
    reject: 'The result is rejected.',
    'request-changes': 'The job goes back with your note.',
  };
  return words[action];
}
