// The API's routes over the made-up world, as strict about parameters and versions as the real one.
import { allowed, control, decide, PEOPLE, Refusal, resultOf, sees, trailOf, view } from './world.mjs';

const LIST = ['status', 'type', 'lane', 'tag', 'created_by', 'on_behalf_of', 'from', 'to', 'order', 'attention', 'archived', 'cursor', 'limit'];
const CONTROLS = ['cancel', 'retry', 'escalate', 'archive'];
const DECISIONS = ['approve', 'edit', 'reject', 'request-changes'];

/** `options.old` leaves out what releases before the contract do not have. */
export function api(world, options) {
  return (request, url, body, person) => {
    const [, , first, workspace, ...rest] = url.pathname.split('/').map(decodeURIComponent);
    if (url.pathname === '/v1/me') return options.old ? null : json(me(person));
    if (first !== 'workspaces') return null;
    if (workspace !== 'acme' || !PEOPLE[person]) throw new Refusal(404, 'not_found', 'There is nothing here, or you may not see it.');
    const place = rest.join('/');
    if (request.method === 'GET') return read(place, rest, url, request, person);
    if (request.method === 'POST' && rest[0] === 'jobs' && rest.length === 3) return act(rest, request, body, person);
    return null;
  };

  function me(person) {
    const roles = PEOPLE[person]?.roles;
    const actions = { submitter: ['create_job'], admin: ['set_member', 'set_job_type', 'read_trail'], auditor: ['read_trail', 'read_reports'] };
    return { principal: person, workspaces: roles ? [{ workspace: 'acme', roles, allowed_actions: roles.flatMap((role) => actions[role] ?? []) }] : [] };
  }

  function read(place, rest, url, request, person) {
    if (place === 'jobs') return json(list(url.searchParams, person));
    if (place === 'job-types') return json({ job_types: Object.values(world.types).map((versions) => versions.at(-1)) });
    if (place === 'members') return json({ members: Object.entries(PEOPLE).map(([principal, { name, roles }]) => ({ principal, ...(options.old ? {} : { name }), roles, active: true })) });
    if (place === 'events') {
      if (!me(person).workspaces[0].allowed_actions.includes('read_trail')) throw new Refusal(403, 'forbidden', 'Your role does not allow it.');
      return json({ events: world.trail, chain_intact: true, altered: [] });
    }
    if (rest[0] === 'job-types') {
      const versions = world.types[rest[1]];
      const version = Number(url.searchParams.get('version') ?? versions?.length);
      if (!versions?.[version - 1]) throw new Refusal(404, 'not_found', 'There is no such type.');
      return json(versions[version - 1]);
    }
    return rest[0] === 'jobs' ? one(rest, url, request, person) : null;
  }

  function one([, id, part], url, request, person) {
    const job = found(id, person);
    if (!part) {
      const shown = shaped(view(job, person, true));
      const etag = options.old ? `"${shown.version}"` : `"${shown.version}-${id.slice(4, 12)}"`;
      const headers = { etag, ...(options.old ? {} : { 'poll-after-ms': String(shown.poll_after_ms ?? 0) }) };
      return request.headers['if-none-match'] === etag ? { status: 304, headers, body: '' } : { ...json(shown), headers };
    }
    if (part === 'events') return json(options.old ? { ...trailOf(job), seconds: undefined } : trailOf(job));
    if (part === 'input') return options.old ? null : json({ input: job.input });
    if (part !== 'result') return null;
    const result = resultOf(job, person);
    switch (url.searchParams.get('part')) {
      case 'text':
        return { status: 200, type: 'text/plain; charset=utf-8', body: job.edited?.text ?? job.text };
      case 'raw':
        return { status: 200, type: 'application/octet-stream', body: JSON.stringify({ id: job.row.provider.response_id, output: [{ type: 'message', content: [{ type: 'output_text', text: job.text }] }] }) };
      default:
        return json(result);
    }
  }

  function found(id, person) {
    const job = world.byId.get(id);
    if (!job || !sees(job, person)) throw new Refusal(404, 'not_found', 'There is nothing here, or you may not see it.');
    return job;
  }

  function shaped(row) {
    return options.old ? { ...row, poll_after_ms: undefined } : row;
  }

  function list(query, person) {
    const names = [...query.keys()];
    const odd = names.filter((name) => !LIST.includes(name) || query.get(name) === '' || names.indexOf(name) !== names.lastIndexOf(name));
    if (odd.length > 0 && !options.old) throw new Refusal(400, 'invalid_request', `Not a parameter of this call: ${odd.join(', ')}.`, { errors: odd.map((field) => ({ field, message: `is not one of ${LIST.join(', ')}` })) });
    const is = (name, test) => (query.has(name) ? test(query.get(name)) : () => true);
    const tests = [
      is('status', (words) => (row) => words.split(',').includes(row.status)),
      is('type', (word) => (row) => row.type === word),
      is('lane', (word) => (row) => row.lane === word),
      is('created_by', (word) => (row) => row.created_by === word),
      is('on_behalf_of', (word) => (row) => row.on_behalf_of === word),
      is('from', (at) => (row) => row.created_at >= at),
      is('to', (at) => (row) => row.created_at < at),
      is('tag', (tag) => (row) => { const [key, value] = tag.split(':'); return value === undefined ? key in row.tags : row.tags[key] === value; }),
      is('attention', () => (row) => row.attention !== null),
      query.get('archived') === 'true' ? () => true : (row) => row.archived_at === null,
    ];
    let rows = world.jobs.filter((job) => sees(job, person) && tests.every((test) => test(job.row)));
    if (query.get('order') === 'oldest' && !options.old) rows = rows.reverse();
    const start = Number(query.get('cursor') ?? 0);
    const limit = Number(query.get('limit') ?? 20);
    const page = rows.slice(start, start + limit);
    return { jobs: page.map((job) => shaped(view(job, person, false))), next_cursor: start + limit < rows.length ? String(start + limit) : null };
  }

  function act([, id, action], request, body, person) {
    const job = found(id, person);
    const tag = request.headers['if-match'];
    const version = tag ? Number(tag.replaceAll('"', '').split('-')[0]) : null;
    if (DECISIONS.includes(action)) {
      if (version === null) throw new Refusal(428, 'version_required', 'Send If-Match.');
      decide(job, person, action, version, body);
    } else if (CONTROLS.includes(action)) {
      control(job, person, action, version, body);
    } else {
      return null;
    }
    return json(shaped(view(job, person, true)));
  }
}

export const json = (value, status = 200) => ({ status, type: 'application/json', body: JSON.stringify(value) });

export const problem = (refused) => ({
  status: refused.status,
  type: 'application/problem+json',
  body: JSON.stringify({ type: `urn:lanekeeper:problem:${refused.code}`, title: refused.code, status: refused.status, detail: refused.message, code: refused.code, request_id: 'req-1', ...refused.more }),
});

export { allowed };
