// A workspace as a product would have it: people with names, types of its own, and what the simulator answers to each.
import { CONTRACT, HOSTILE, ONE_LINE, REPLY, SUMMARY } from '../fake/texts.mjs';

const NAMES = { alice: ['Alice Ahn', ['submitter']], rita: ['Rita Rossi', ['reviewer']], remy: ['Remy Roux', ['reviewer']], otto: ['Otto Olsen', ['operator']], ada: ['Ada Abel', ['admin']] };

const quick = (end) => ({ life: [{ status: 'in_progress', after_ms: 50 }, { status: 'completed', after_ms: 50, ...end }] });

const cite = (url, title, start_index, end_index) => ({ type: 'url_citation', url, title, start_index, end_index });
const message = (text, annotations = []) => ({ type: 'message', id: 'msg_1', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text, annotations, logprobs: [] }] });
const mcp = (name, input) => ({ type: 'mcp_call', id: 'mcp_1', server_label: 'ledger', name, arguments: input, output: 'ok', error: null, status: 'completed' });

const HOSTILE_ANSWER = [
  message(HOSTILE, [
    cite('javascript:window.__ran="citation"', 'A trap', 0, 10),
    cite('https://beacon.example/cited?c=<img src=x>', '<img src="https://beacon.example/title" onerror="window.__ran=1">', 11, 20),
    cite('data:text/html,<script>window.__ran=1</script>', 'Another trap', 21, 30),
  ]),
  mcp('pay<script>window.__ran=1</script>', '{"account": 10000000000000000001, "amount": 1.10, "to": "\u202eTNUOCCA", "note": "<img src=x onerror=window.__ran=1>"}'),
];

const about = (words) => [SUMMARY.indexOf(words), SUMMARY.indexOf(words) + words.length];
const CITED = [
  message(SUMMARY, [
    cite('https://law.example/notice-periods?utm_source=x', 'Notice periods in supply agreements', ...about('notice has to be given six months before the end')),
    cite('https://prices.example/index', 'Producer price index', ...about('the index of the last two years')),
  ]),
  mcp('lookup_orders', '{"supplier": "Halle Optics", "months": 12, "limit": 10000000000000000001}'),
];

const PLANS = {
  'contract-change': quick({ output: CITED }),
  'contract-by-two': quick({ output: CITED }),
  'support-reply-draft': quick({ text: REPLY }),
  'hostile-draft': quick({ output: HOSTILE_ANSWER }),
  'one-line': quick({ text: ONE_LINE }),
  'document-analysis': quick({ text: SUMMARY }),
  'research-report': 'in-progress-forever',
  'refused-work': 'fails-by-policy',
  'failing-work': 'fails',
};

const APPROVAL = { lane: 'approval', effects: ['record_change'], review: 'always' };
const ONCE = { attempts: 2, gaps_seconds: { provider_error: [] } };
const TYPES = {
  'contract-change': { description: 'Changes a contract.', ...APPROVAL, cost_limit_usd: '4.00' },
  'contract-by-two': { description: 'Changes a contract that two people answer for.', ...APPROVAL, approvals: 2 },
  'hostile-draft': { description: 'Answers <script>window.__ran="description"</script>.', ...APPROVAL },
  'one-line': { description: 'Answers without a line break.' },
  'refused-work': { description: 'What no policy allows.' },
  'failing-work': { description: 'Is not tried again by itself.', retry: ONCE },
};

export { CONTRACT, HOSTILE, ONE_LINE, PLANS, REPLY, SUMMARY };

/** The people get their names and the types are set, by the admin. */
export async function settle(edition) {
  for (const [principal, [name, roles]] of Object.entries(NAMES)) await edition.call('ada', 'PUT', `members/${principal}`, { name, roles });
  for (const [name, type] of Object.entries(TYPES)) {
    const instructions = 'Read the document. Say what it is about in two sentences, then list what needs attention. Do not give legal advice.';
    await edition.call('ada', 'PUT', `job-types/${name}`, { model: 'gpt-6.1-terra', lane: 'background', instructions, ...type });
  }
}

const waits = (job) => job.status === 'needs_review';
const over = (job) => ['completed', 'failed'].includes(job.status);

/** One job of each kind that screens tell apart, by what it is about. */
export async function jobs(edition) {
  const make = (type, summary, until, more = {}) => edition.create({ type, input: CONTRACT, summary, ...more }, until);
  return {
    change: await make('contract-change', 'Supply agreement, Norden and Halle', waits, { tags: { team: 'legal', region: 'eu' } }),
    reply: await make('support-reply-draft', 'Parcel of Ms Okafor', waits, { input: 'Where is my parcel?' }),
    running: await make('research-report', 'Market for heat pumps in the Baltics', (job) => job.status === 'running', { tags: { team: 'strategy' } }),
    completed: await make('document-analysis', 'Lease, second amendment', over, { tags: { team: 'legal' } }),
    refused: await make('refused-work', 'Terms of a competitor', over),
    failed: await make('failing-work', 'Minutes of the board, scan', over),
  };
}
