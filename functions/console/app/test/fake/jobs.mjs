// Made-up jobs of every status, and as many ordinary ones as a test wants.
import { createHash } from 'node:crypto';

import { CONTRACT, HOSTILE, ONE_LINE, REPLY, SUMMARY } from './texts.mjs';

export const digestOf = (text) => `sha256:${createHash('sha256').update(text).digest('hex')}`;
const idOf = (number) => `job_${createHash('sha256').update(`job ${number}`).digest('hex').slice(0, 32)}`;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A job with all that belongs to it. `row` is what the API shows; the rest is told by its own routes. */
export function made(number, now, change = {}) {
  const created = now - (change.age ?? number * MINUTE);
  const text = change.text ?? SUMMARY;
  const status = change.status ?? 'completed';
  const hasResult = ['completed', 'needs_review'].includes(status) && change.text !== null;
  const at = (milliseconds) => new Date(milliseconds).toISOString();
  const updated = created + (change.took ?? 95_000);
  const row = {
    id: idOf(number), workspace: change.workspace ?? 'acme', type: 'document-analysis', type_version: 1, lane: 'background',
    lane_reasons: ['job_type'], status, phase: null, reason: null, attention: null, escalation_level: 0, next_step: null,
    attempt: 1, version: 3, created_at: at(created), updated_at: at(updated), deadline_at: null, created_by: 'alice', on_behalf_of: null,
    input_summary: '', tags: {},
    provider: {
      response_id: status === 'queued' ? null : `resp_${digestOf(String(number)).slice(7, 55)}`, status: hasResult ? 'completed' : null,
      model: status === 'queued' ? null : 'gpt-6.1-terra', service_tier: status === 'queued' ? null : 'default', error: null, answer: null,
    },
    result: hasResult ? { digest: digestOf(text), partial: false, late: false } : null,
    review: null, cost: { usd: '0.004217', state: 'known' }, archived_at: null, poll_after_ms: null,
    ...change.row,
  };
  if (status === 'needs_review') {
    row.phase ??= 'awaiting_decision';
    row.reason ??= { code: 'review_required', message: "The result waits for a person's decision." };
    row.review ??= {
      attempt: row.attempt, digest: row.result?.digest ?? null, on_behalf_of: row.on_behalf_of, approved_by: [],
      approvals_missing: 1, overdue_at: at(updated + 4 * HOUR), decide_by: at(updated + 72 * HOUR),
    };
    row.poll_after_ms = 30_000;
  }
  if (['queued', 'running'].includes(status)) row.poll_after_ms = change.poll ?? 2000;
  return {
    row, text: hasResult ? text : null, input: change.input ?? CONTRACT, citations: change.citations ?? [], tool_calls: change.tool_calls ?? [],
    notes: [], edited: null, seconds: change.seconds ?? { queue: 2.1, provider: 61.4, ours: 1.2, review: 30.3 },
  };
}

/** One of everything that a screen has to show well. */
export function remarkable(now) {
  const at = (milliseconds) => new Date(now + milliseconds).toISOString();
  const reply = {
    type: 'support-reply-draft', lane: 'approval', lane_reasons: ['consequential_effect'], cost: { usd: '0.012800', state: 'known' },
  };
  return [
    made(1, now, { status: 'queued', age: 20_000, took: 1000, row: { phase: 'waiting', version: 1, cost: { usd: '0.000000', state: 'known' }, next_step: { action: 'submit', at: at(2000) }, deadline_at: at(6 * HOUR), input_summary: 'Lease, second amendment' } }),
    made(2, now, { status: 'running', age: 3 * MINUTE, row: { phase: 'in_progress', version: 2, type: 'research-report', cost: { usd: '0.000000', state: 'unknown' }, next_step: { action: 'check', at: at(45_000) }, deadline_at: at(2 * HOUR), input_summary: 'Market for heat pumps in the Baltics', tags: { team: 'strategy' } } }),
    made(3, now, { status: 'running', age: 5 * HOUR, took: MINUTE, row: { phase: 'in_progress', version: 2, type: 'research-report', cost: { usd: '0.410000', state: 'estimated' }, attention: { code: 'stuck', since: at(-3 * HOUR), next_step: 'escalate' }, escalation_level: 1, deadline_at: at(-3 * HOUR), input_summary: 'Suppliers of cobalt, 2026' } }),
    made(4, now, { status: 'needs_review', age: 26 * HOUR, text: REPLY, row: { ...reply, input_summary: 'Parcel came back, order 88213', on_behalf_of: 'carol' }, input: [{ role: 'user', content: [{ type: 'input_text', text: 'My parcel never came. Order 88213. I am quite upset.' }, { type: 'input_image', image_url: `data:image/png;base64,${'A'.repeat(40_000)}` }] }] }),
    made(5, now, {
      status: 'needs_review', age: 2 * HOUR, text: 'Halle is a city on the Saale. It has a university. Its salt works are old.',
      row: { type: 'research-report', lane: 'approval', lane_reasons: ['consequential_effect'], cost: { usd: '0.187422', state: 'estimated' }, input_summary: 'Note on Halle' },
      citations: [
        { kind: 'url_citation', title: 'Halle (Saale)', source: 'https://encyclopedia.example/halle?utm_source=x', text: 'Halle is a city on the Saale.', start: 0, end: 29 },
        { kind: 'url_citation', title: 'A trap', source: 'javascript:window.__ran="citation"', text: 'It has a university.', start: 30, end: 50 },
        { kind: 'file_citation', title: 'salt.pdf', source: null, text: 'Its salt works are old.', start: 51, end: 74 },
      ],
      tool_calls: [
        { kind: 'web_search_call', input: { query: 'Halle Saale \u202egnihtemos' }, outcome: 'completed' },
        { kind: 'mcp_call', input: '{"account": 10000000000000000001, "amount": 1.10, "to": "DE02"}', outcome: 'completed' },
      ],
    }),
    made(6, now, { status: 'needs_review', age: 7 * HOUR, text: HOSTILE, row: { ...reply, input_summary: '<script>window.__ran="summary"</script> \u202egpj.exe', created_by: 'ma\u200bllory', tags: { team: '<b>x' }, attention: { code: 'review_overdue', since: at(-2 * HOUR), next_step: 'decide' } }, input: HOSTILE }),
    made(7, now, { status: 'failed', age: 30 * MINUTE, row: { reason: { code: 'output_limit', message: 'The output limit ended the run before it was done.' }, attention: { code: 'output_limit', since: at(-28 * MINUTE), next_step: 'change_request' }, cost: { usd: '0.064000', state: 'known' }, input_summary: 'Annual report, 240 pages', provider: { response_id: 'resp_7', status: 'incomplete', model: 'gpt-6.1-terra', service_tier: 'default', error: { type: 'incomplete', code: 'max_output_tokens' }, answer: digestOf('7') } } }),
    made(8, now, { status: 'failed', age: 50 * MINUTE, row: { reason: { code: 'provider_failed', message: "The run failed on the provider's side." }, attention: { code: 'provider_failed', since: at(-48 * MINUTE), next_step: 'retry' }, attempt: 3, version: 9, cost: { usd: '0.021300', state: 'unknown' } } }),
    made(9, now, { status: 'queued', age: 80 * MINUTE, took: 1000, poll: 30_000, row: { phase: 'held', version: 4, reason: { code: 'provider_quota', message: "The provider account's quota or spend limit is used up." }, attention: { code: 'provider_quota', since: at(-70 * MINUTE), next_step: 'mend_account' }, cost: { usd: '0.000000', state: 'known' }, next_step: { action: 'submit', at: at(9 * MINUTE) } } }),
    made(10, now, { status: 'canceled', age: 3 * HOUR, row: { reason: { code: 'canceled_by_person', message: 'A person canceled the job.' }, cost: { usd: '0.330000', state: 'estimated' } } }),
    made(11, now, { status: 'expired', age: 30 * HOUR, row: { reason: { code: 'review_deadline', message: 'Nobody decided in time.' }, type: 'support-reply-draft', lane: 'approval' } }),
    made(12, now, { status: 'completed', age: 31 * HOUR, text: ONE_LINE, row: { input_summary: 'A megabyte in one line', cost: { usd: '1.204000', state: 'known' } } }),
    made(13, now, { status: 'completed', age: 32 * HOUR, text: HOSTILE, row: { input_summary: 'Hostile, and completed', tags: { team: 'legal', region: 'eu', order: '17' } } }),
    made(14, now, { status: 'needs_review', age: 33 * HOUR, text: SUMMARY, row: { input_summary: 'Supply agreement, Norden and Halle', type: 'contract-change', type_version: 2, lane: 'approval', lane_reasons: ['consequential_effect'], review: { attempt: 1, digest: digestOf(SUMMARY), on_behalf_of: null, approved_by: [], approvals_missing: 2, overdue_at: at(-5 * HOUR), decide_by: at(60 * HOUR) } } }),
  ];
}

const NAMES = ['Lease, second amendment', 'Terms of carriage', 'Board minutes, May', 'Offer 2214', 'Non-disclosure agreement', ''];
const WAYS = ['completed', 'completed', 'completed', 'completed', 'failed', 'completed', 'canceled', 'completed', 'expired', 'completed'];

/** Ordinary jobs, older than the remarkable ones. */
export function ordinary(count, now) {
  return Array.from({ length: count }, (_, index) => {
    const number = 100 + index;
    const status = WAYS[index % WAYS.length];
    const failed = status === 'failed' ? { reason: { code: 'provider_failed', message: "The run failed on the provider's side." } } : {};
    return made(number, now, {
      status, age: 36 * HOUR + index * 7 * MINUTE,
      row: { ...failed, input_summary: NAMES[index % NAMES.length], created_by: index % 3 === 0 ? 'svc-intake' : 'alice', cost: { usd: `0.${String(1000 + ((index * 7919) % 90_000)).padStart(6, '0')}`, state: index % 9 === 0 ? 'estimated' : 'known' }, tags: { team: index % 2 ? 'legal' : 'sales' } },
    });
  });
}
