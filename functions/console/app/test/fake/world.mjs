// The made-up workspace: its people, types and jobs, who may do what, and what a decision or a control does.
import { remarkable, ordinary, digestOf } from './jobs.mjs';
import { INSTRUCTIONS } from './texts.mjs';

export const PEOPLE = {
  alice: { name: 'Alice Ahn', roles: ['submitter'] },
  rita: { name: 'Rita Rossi', roles: ['reviewer'] },
  remy: { name: 'Remy Roux', roles: ['reviewer'] },
  otto: { name: 'Otto Olsen', roles: ['operator'] },
  ada: { name: 'Ada Abel', roles: ['admin'] },
  audrey: { name: null, roles: ['auditor'] },
};

const TERMINAL = ['completed', 'failed', 'canceled', 'expired'];

export class Refusal extends Error {
  constructor(status, code, detail, more = {}) {
    super(detail);
    Object.assign(this, { status, code, more });
  }
}

export function world({ jobs = 60, now = Date.now(), empty = false } = {}) {
  const all = empty ? [] : [...remarkable(now), ...ordinary(jobs, now)];
  all.sort((one, other) => other.row.created_at.localeCompare(one.row.created_at));
  return { jobs: all, byId: new Map(all.map((job) => [job.row.id, job])), types: types(), trail: trail(now), empty };
}

/** What this person may do with it; `isOne` is exact, a list goes by the row. */
export function allowed(job, person, isOne) {
  const roles = PEOPLE[person]?.roles ?? [];
  const { status } = job.row;
  const isOwn = roles.includes('submitter') && job.row.created_by === person;
  const may = isOwn || roles.includes('operator');
  const actions = [];
  if (roles.includes('reviewer') && status === 'needs_review') {
    const bars = job.row.on_behalf_of === person || job.edited?.by === person || job.row.review.approved_by.includes(person);
    if (!(isOne && bars)) actions.push('approve');
    actions.push('edit', 'reject', 'request-changes');
  }
  if (may && ['queued', 'running', 'needs_review'].includes(status)) actions.push('cancel');
  if (may && ['failed', 'canceled', 'expired'].includes(status)) actions.push('retry');
  if ((may || roles.includes('reviewer')) && !['completed', 'canceled'].includes(status)) actions.push('escalate');
  if (may && TERMINAL.includes(status) && !job.row.archived_at) actions.push('archive');
  return actions;
}

export function sees(job, person) {
  const roles = PEOPLE[person]?.roles ?? [];
  return roles.length > 0 && (!(roles.length === 1 && roles[0] === 'submitter') || job.row.created_by === person);
}

export function view(job, person, isOne) {
  const row = { ...job.row, allowed_actions: allowed(job, person, isOne) };
  if (row.review && !(isOne && PEOPLE[person]?.roles.includes('reviewer'))) row.review = { ...row.review, approved_by: undefined };
  return row;
}

export function decide(job, person, decision, version, body) {
  if (!PEOPLE[person]?.roles.includes('reviewer')) throw new Refusal(403, 'not_reviewer', 'Only a reviewer decides.');
  if (job.row.status !== 'needs_review') throw new Refusal(409, 'not_waiting', 'The job does not wait for this decision.', { allowed_actions: allowed(job, person, true) });
  if (version !== job.row.version) throw new Refusal(412, 'stale', 'The job has moved on; read it again.');
  if (body.digest !== job.row.review.digest) throw new Refusal(409, 'other_digest', 'Another result waits now; read it again.');
  if (!allowed(job, person, true).includes(decision)) throw new Refusal(403, 'four_eyes', 'Another reviewer has to approve.');
  if (['reject', 'request-changes'].includes(decision) && !body.note) throw new Refusal(400, 'invalid_request', 'Every field at fault is listed under errors.', { errors: [{ field: 'note', message: 'is required' }] });
  const { review } = job.row;
  if (decision === 'edit') {
    job.edited = { by: person, text: body.text, from: review.digest };
    Object.assign(review, { digest: digestOf(body.text), approved_by: [] });
    job.row.result.digest = review.digest;
  } else if (decision === 'approve') {
    review.approved_by.push(person);
    review.approvals_missing -= 1;
    if (review.approvals_missing === 0) moved(job, { status: 'completed', phase: null, reason: null, review: null, attention: null, poll_after_ms: null });
  } else if (decision === 'reject') {
    moved(job, { status: 'canceled', phase: null, reason: { code: 'rejected', message: 'A reviewer rejected the result.' }, review: null, attention: null, poll_after_ms: null });
  } else {
    moved(job, { status: 'queued', phase: 'waiting', attempt: job.row.attempt + 1, reason: { code: 'changes_requested', message: 'A reviewer asked for changes.' }, review: null, result: null, attention: null });
    job.text = null;
  }
  bump(job, person, { approve: 'approved', edit: 'edited', reject: 'rejected', 'request-changes': 'changes_requested' }[decision], body.note);
}

export function control(job, person, action, version, body) {
  if (version !== null && version !== job.row.version) throw new Refusal(412, 'stale', 'The job has moved on; read it again.');
  if (!allowed(job, person, true).includes(action)) throw new Refusal(409, 'ended', 'The state of the job does not allow it.', { allowed_actions: allowed(job, person, true) });
  const now = new Date().toISOString();
  const change = {
    cancel: { status: 'canceled', phase: null, review: null, reason: { code: 'canceled_by_person', message: 'A person canceled the job.' }, attention: null, poll_after_ms: null },
    retry: { status: 'queued', phase: 'waiting', attempt: job.row.attempt + 1, reason: { code: 'retried_by_person', message: 'A person started the job again.' }, attention: null, poll_after_ms: 2000 },
    escalate: { escalation_level: Math.min(3, job.row.escalation_level + 1) },
    archive: { archived_at: now, attention: null },
  }[action];
  moved(job, change);
  bump(job, person, { cancel: 'canceled', retry: 'retried', escalate: 'escalated', archive: 'archived' }[action], body.note);
}

const moved = (job, change) => Object.assign(job.row, change);

function bump(job, person, event, note) {
  job.row.version += 1;
  job.row.updated_at = new Date().toISOString();
  job.notes.push({ version: job.row.version, event, person, note: note ?? null, at: job.row.updated_at });
}

export function trailOf(job) {
  const at = (milliseconds) => new Date(Date.parse(job.row.created_at) + milliseconds).toISOString();
  const row = (version, event, from, to, actor, cause, when, more = {}) => ({
    id: `${job.row.id}-${version}`, version, event, at: when, actor, cause, from, to, reason: null, attempt: 1, response_id: null, orphan_response_id: null,
    digest: null, provider_error: null, provider_answer: null, previous_hash: digestOf(`${version - 1}`), hash: digestOf(`${version}`), ...more,
  });
  const state = (status, phase = null) => ({ status, phase });
  const system = (id) => ({ kind: 'system', id });
  const events = [
    row(1, 'created', null, state('queued', 'waiting'), { kind: 'principal', id: job.row.created_by }, 'request', at(0), job.row.on_behalf_of ? { on_behalf_of: job.row.on_behalf_of } : {}),
    row(2, 'attached', state('queued', 'waiting'), state('running', 'in_progress'), system('submit-job'), 'due', at(2000), { response_id: job.row.provider.response_id }),
  ];
  if (job.row.version > 2) events.push(row(3, 'finished', state('running', 'in_progress'), state(job.notes.length ? 'needs_review' : job.row.status, job.notes.length ? 'awaiting_decision' : job.row.phase), system('observe-job'), 'webhook', at(65_000), { digest: job.row.result?.digest ?? null, reason: job.row.reason?.code ?? null }));
  for (const { version, event, person, note, at: when } of job.notes) {
    events.push(row(version, event, state('needs_review', 'awaiting_decision'), state(job.row.status, job.row.phase), { kind: 'principal', id: person }, 'request', when, note ? { note: { text: note, author: person, at: when } } : {}));
  }
  return { events, chain_intact: true, seconds: job.seconds };
}

export function resultOf(job, person) {
  const roles = PEOPLE[person]?.roles ?? [];
  if (job.text === null) throw new Refusal(409, 'no_result', 'There is no result.');
  if (job.row.status !== 'completed' && !roles.includes('reviewer')) throw new Refusal(403, 'awaiting_review', 'A reviewer has not allowed it yet.');
  const text = job.edited?.text ?? job.text;
  const path = `/v1/workspaces/${job.row.workspace}/jobs/${job.row.id}/result`;
  return {
    job_id: job.row.id, attempt: job.row.attempt, partial: false, digest: job.row.result.digest, ...(job.edited ? { proposed_digest: job.edited.from } : {}),
    text: text.length > 256_000 ? { href: `${path}?part=text` } : text, structured: null, files: [], citations: job.edited ? [] : job.citations, tool_calls: job.tool_calls,
    refusals: [], commentary: [], unknown_items: [], reviewer_notes: [], usage: { input_tokens: 912, output_tokens: 1424, reasoning_tokens: 320, seconds: 61 },
    cost: job.row.cost, raw: { href: `${path}?part=raw` }, trace: { response_id: job.row.provider.response_id, model: 'gpt-6.1-terra', service_tier: 'default' },
  };
}

function types() {
  const base = {
    version: 1, description: 'Reads a document and says what needs attention.', lane: 'background', model: 'gpt-6.1-terra', allow_unpriced: false,
    instructions: INSTRUCTIONS, tools: [], input_items: ['image', 'file'], max_tool_calls: 64, reasoning_effort: 'medium', max_output_tokens: 16000, effects: [],
    pre_approved_effects: [], review: 'never', approvals: 1, four_eyes: true, start_deadline_seconds: 21600, run_deadline_seconds: 3600, sla_seconds: 14400,
    on_overdue: { escalate: { levels: 3 } }, review_deadline_seconds: 604800,
    retry: { attempts: 10, gaps_seconds: { busy: [5, 15, 30, 60], unreachable: [5, 15, 30], lost: [0, 30], provider_error: [10, 60] } }, retention_days: 30,
    cost_limit_usd: '2.500000', expected_seconds: 120, overridable: { model: [], service_tier: [], max_output_tokens: { max: 16000 }, reasoning_effort: ['low', 'medium'], flexible: true },
  };
  const change = { ...base, name: 'contract-change', description: 'Changes a contract.', lane: 'approval', effects: ['record_change'], review: 'always', approvals: 2 };
  return {
    'contract-change': [change, { ...change, version: 2, cost_limit_usd: '4.000000', instructions: `${INSTRUCTIONS}\nQuote the clause that you change.` }],
    'document-analysis': [{ ...base, name: 'document-analysis' }],
    'research-report': [{ ...base, name: 'research-report', description: 'Researches a question on the web.', model: 'gpt-6.1-sol', tools: [{ type: 'web_search' }], run_deadline_seconds: 7200, review: { when: { partial: true, cost_over_usd: '0.500000' } } }],
    'support-reply-draft': [{ ...base, name: 'support-reply-draft', description: 'Drafts a reply to a customer.', lane: 'approval', effects: ['customer_message'], review: 'always' }],
  };
}

function trail(now) {
  const at = (days) => new Date(now - days * 86_400_000).toISOString();
  const actor = { kind: 'principal', id: 'ada' };
  return [
    { version: 1, event: 'member_set', at: at(40), actor, principal: 'rita', roles: ['reviewer'], active: true },
    { version: 2, event: 'member_set', at: at(40), actor, principal: 'alice', roles: ['submitter'], active: true },
    { version: 3, event: 'type_set', at: at(21), actor, job_type: 'contract-change', type_version: 1, digest: digestOf('1') },
    { version: 4, event: 'type_set', at: at(2), actor, job_type: 'contract-change', type_version: 2, digest: digestOf('2') },
    { version: 5, event: 'member_removed', at: at(1), actor, principal: 'zoe', roles: [], active: false },
  ].map((event) => ({ ...event, previous_hash: digestOf(`${event.version - 1}`), hash: digestOf(`${event.version}`) }));
}
