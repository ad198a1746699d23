// The policy of a job type in words.
import type { JobType } from '../../api/types';
import { exact } from '../../text/money';
import { span, spanInWords } from '../../text/time';
import { plain, plural } from '../../text/words';

export interface Rule {
  about: string;
  sentences: string[];
}

const list = (words: string[]): string => words.map(plain).join(', ');

export function policyInWords(type: JobType): Rule[] {
  return [
    { about: 'Runs', sentences: runs(type) },
    { about: 'Effects', sentences: effects(type) },
    { about: 'Review', sentences: review(type) },
    { about: 'Tries', sentences: tries(type) },
    { about: 'Cost', sentences: cost(type) },
    { about: 'Input and tools', sentences: tools(type) },
    { about: 'A create may change', sentences: overrides(type) },
    { about: 'Kept', sentences: [`Input, results and notes are emptied ${plural(type.retention_days, 'day')} after the end.`] },
  ];
}

function runs(type: JobType): string[] {
  return [
    `In the ${plain(type.lane)} lane, on ${type.model}${type.reasoning_effort ? ` with ${type.reasoning_effort} reasoning effort` : ''}.`,
    `It usually takes ${spanInWords(type.expected_seconds)}, and at most ${spanInWords(type.run_deadline_seconds)}.`,
    `It has to start within ${spanInWords(type.start_deadline_seconds)}.`,
  ];
}

function effects(type: JobType): string[] {
  if (type.effects.length === 0) return ['None are declared.'];
  const approved = type.pre_approved_effects.length > 0 ? `Approved beforehand: ${list(type.pre_approved_effects)}.` : 'None is approved beforehand.';
  return [`Its result sets off: ${list(type.effects)}.`, approved];
}

function review(type: JobType): string[] {
  if (type.review === 'never') return ['Nobody is asked, unless a job has an effect that is not approved beforehand.'];
  const when = type.review === 'always' ? 'Every result waits for a reviewer.' : `A result waits for a reviewer ${conditions(type.review.when)}.`;
  return [
    when,
    `${plural(type.approvals, 'approval')} ${type.approvals === 1 ? 'is' : 'are'} needed.`,
    type.four_eyes ? 'Four eyes hold: nobody approves what they submitted, wrote or started again.' : 'Four eyes do not hold.',
    `It is overdue after ${spanInWords(type.sla_seconds)}; then ${overdue(type)}. It ends after ${spanInWords(type.review_deadline_seconds)} in any case.`,
  ];
}

function conditions(when: Exclude<JobType['review'], string>['when']): string {
  const words = [
    when.effects && 'when it has effects',
    when.partial && 'when it is partial',
    when.cost_over_usd && `when it cost more than ${exact(when.cost_over_usd)}`,
  ].filter(Boolean);
  return words.join(', or ') || 'under conditions that this release does not know';
}

function overdue({ on_overdue }: JobType): string {
  if (on_overdue === 'expire') return 'the job expires';
  const levels = typeof on_overdue === 'object' ? on_overdue.escalate?.levels : undefined;
  return levels === undefined ? 'something happens that this release does not know' : `people are called in, up to level ${levels}`;
}

function tries(type: JobType): string[] {
  return [`At most ${plural(type.retry.attempts, 'attempt')}.`, ...Object.entries(type.retry.gaps_seconds).map(gaps)];
}

const gaps = ([kind, seconds]: [string, number[]]): string =>
  seconds.length === 0 ? `${capital(plain(kind))}: no other try.` : `${capital(plain(kind))}: again after ${seconds.map((one) => (one === 0 ? 'no wait' : span(one))).join(', ')}.`;

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

function cost(type: JobType): string[] {
  const limit = type.cost_limit_usd ? `A job may cost at most ${exact(type.cost_limit_usd)}.` : 'There is no limit.';
  const output = `An answer has at most ${type.max_output_tokens.toLocaleString('en')} tokens.`;
  return [limit, output, ...(type.allow_unpriced ? ['A model without a price is allowed.'] : [])];
}

function tools(type: JobType): string[] {
  const kinds = type.tools.map((tool) => String((tool as { type?: unknown } | null)?.type ?? 'tool'));
  return [
    type.input_items.length > 0 ? `Besides text it takes: ${list(type.input_items)}.` : 'It takes text alone.',
    kinds.length > 0 ? `The provider runs ${list(kinds)}, at most ${plural(type.max_tool_calls, 'call')} a run.` : 'It has no tools.',
  ];
}

function overrides(type: JobType): string[] {
  const names = Object.entries(type.overridable).filter(([, value]) => value !== null && value !== false && !(Array.isArray(value) && value.length === 0));
  if (names.length === 0) return ['Nothing.'];
  return names.map(([name, value]) => {
    if (name === 'flexible' && value === true) return 'Flexible: whether it takes the lower price for work that can wait.';
    if (value === true) return `${capital(plain(name))}.`;
    if (Array.isArray(value)) return `${capital(plain(name))} to ${value.join(', ')}.`;
    const max = (value as { max?: number }).max;
    return max === undefined ? `${capital(plain(name))}.` : `${capital(plain(name))} up to ${max.toLocaleString('en')}.`;
  });
}
