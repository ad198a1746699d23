// The API's words in plain English. A word that is not known here is shown as it stands.
import type { Job } from '../api/types';

export const plain = (word: string): string => word.replaceAll('_', ' ').replaceAll('-', ' ');

const PHASES: Record<string, string> = {
  waiting: 'waiting',
  starting: 'starting',
  retry_scheduled: 'next try scheduled',
  held: 'held',
  in_progress: 'at the provider',
  awaiting_decision: 'of its result',
  awaiting_action: 'of an action',
};

export const phaseInWords = (phase: string | null): string => (phase ? (PHASES[phase] ?? plain(phase)) : '');

const LANE_REASONS: Record<string, string> = {
  consequential_effect: 'its result sets off something that its type does not pre-approve',
  pre_approved_effect: 'its type pre-approves what the result sets off',
  many_independent_records: 'it has many independent records',
  value_after_session: 'its result has value after the session',
  several_steps_or_slow_tools: 'it takes several steps or slow tools',
  status_can_be_shown: 'its status can be shown',
  user_steers: 'its user steers it',
  short_with_fast_tools: 'it is short, with fast tools',
  job_type: 'its type says so',
  nothing_lost: 'nothing speaks for another lane',
};

export const laneReasons = (reasons: string[]): string =>
  reasons.map((reason) => LANE_REASONS[reason] ?? plain(reason)).join(', and ');

const ATTENTION: Record<string, string> = {
  stuck: 'Stuck: something that was due has not been done for longer than it ever takes.',
  review_overdue: 'The review is overdue.',
  over_budget: 'The cost is over the limit of its type.',
  newer_release: 'It has a word that this release does not know, and is left alone.',
  failed: 'It failed.',
  held: 'It is held until a person acts.',
};

export function attentionInWords(job: Job): string {
  const code = job.attention?.code;
  if (!code) return '';
  if (job.reason?.code === code) return job.reason.message;
  return ATTENTION[code] ?? plain(code);
}

const NEXT_STEPS: Record<string, string> = {
  retry: 'Whoever may has to start it again, or create a new job.',
  change_request: 'Create a new job with a changed request; the same one would end the same way.',
  mend_account: "Put the provider account's quota, key or permissions right; the job then goes on by itself.",
  mend_address: "Put the provider's address right; the job then goes on by itself.",
  escalate: 'Whoever may has to call in the next level of people.',
  decide: 'A reviewer has to decide.',
  cancel: 'Whoever may has to end it, or let it go on.',
  archive: 'Nothing is left to be done; it can be put away.',
  update: 'Update this deployment to the newer release.',
};

export const nextStepInWords = (step: string): string => NEXT_STEPS[step] ?? plain(step);

const DUE: Record<string, string> = {
  submit: 'is submitted',
  check: 'the provider is asked',
  wait_for_webhook: 'the wait for its response ends',
  remind: 'reviewers are reminded',
  expire: 'it expires',
  publish: 'its event is published',
};

export const dueInWords = (action: string): string => DUE[action] ?? plain(action);

const EVENTS: Record<string, string> = {
  created: 'Created',
  attached: 'Started at the provider',
  reattached: 'Found again at the provider',
  answer_cut: "The provider's answer was cut off",
  not_created: 'Not taken by the provider',
  parked: 'Held',
  start_lost: 'The answer to the start was lost',
  noted: 'Looked at',
  finished: 'The run ended',
  deadline_passed: 'A deadline passed',
  approved: 'Approved',
  edited: 'Edited',
  rejected: 'Rejected',
  changes_requested: 'Changes requested',
  reminded: 'Reviewers reminded',
  canceled: 'Canceled',
  retried: 'Started again by a person',
  released: 'Released for its next try',
  escalated: 'Escalated',
  archived: 'Archived',
  cost_settled: 'Cost settled',
  purged: 'Content purged after retention',
  member_set: 'Member set',
  member_removed: 'Member removed',
  type_set: 'Job type set',
};

export const eventInWords = (event: string): string => EVENTS[event] ?? plain(event);

const CAUSES: Record<string, string> = {
  request: 'by a call',
  answer: 'by the provider\'s answer',
  webhook: 'after a webhook',
  due: 'because it was due',
};

export const causeInWords = (cause: string): string => CAUSES[cause] ?? plain(cause);

const REASONS: Record<string, string> = {
  awaiting_review: 'A reviewer has not allowed this result yet.',
  result_withheld: 'The job ended without anybody letting its result out.',
  edited_result: 'A reviewer edited this result; what the provider wrote is for reviewers and auditors.',
  no_result: 'There is no result.',
  forbidden: 'Your roles in this workspace do not allow this.',
  not_found: 'There is nothing here, or you may not see it.',
  answer_too_large: 'The result is larger than any route gives out.',
};

export const refusalInWords = (code: string, otherwise: string): string => REASONS[code] ?? otherwise;

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
