// One small server for the app's tests: the built app under its policy, the made-up API, and the identity provider.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';

import { api, json, problem } from './api.mjs';
import { provider } from './provider.mjs';
import { PEOPLE, Refusal, world } from './world.mjs';

const DIST = new URL('../../dist/', import.meta.url);
/** It stops by itself, whatever becomes of the test. */
const LONGEST_LIFE = 10 * 60_000;

const POLICY = (origin) => [
  "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", `connect-src 'self' ${origin}`,
  "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'", "require-trusted-types-for 'script'",
].join('; ');

/**
 * `options`: `jobs` is how many ordinary ones there are, `empty` a workspace without any, `old` an API before the contract.
 * What comes back can make trouble: `before(request, url)` may answer instead.
 */
export async function start(options = {}) {
  const seen = [];
  const fake = { world: world(options), before: null, seen, people: Object.keys(PEOPLE), authorized: null };
  const routes = api(fake.world, options);
  fake.identity = provider({ people: fake.people, authorized: (url) => fake.authorized?.(url) });

  const server = createServer(async (request, response) => {
    const url = new URL(request.url, fake.origin);
    let body = '';
    for await (const chunk of request) body += chunk;
    seen.push({ method: request.method, path: url.pathname + url.search, headers: request.headers, body });
    const answer = (await fake.before?.(request, url, body)) ?? (await handle(request, url, body));
    send(response, answer);
  });

  async function handle(request, url, body) {
    if (url.pathname.startsWith('/v1/')) return call(request, url, body);
    if (url.pathname === '/authorize') return fake.identity.authorize(url, fake.origin);
    if (url.pathname === '/token') return fake.identity.token(body);
    if (url.pathname === '/console/-/config.json') return json(fake.identity.config(fake.origin));
    if (url.pathname.startsWith('/console/-/assets/')) return asset(url.pathname.slice('/console/-/'.length));
    if (url.pathname === '/console' || url.pathname.startsWith('/console/')) return asset('index.html');
    return { status: 404, type: 'text/plain', body: 'not here' };
  }

  function call(request, url, body) {
    const person = fake.identity.person((request.headers.authorization ?? '').replace('Bearer ', ''));
    if (!person) return json({ message: 'Unauthorized' }, 401);
    try {
      return routes(request, url, body ? JSON.parse(body) : {}, person) ?? json({ message: 'Not Found' }, 404);
    } catch (failure) {
      if (failure instanceof Refusal) return problem(failure);
      throw failure;
    }
  }

  function send(response, { status, type, headers, body }) {
    response.writeHead(status, {
      ...(type ? { 'content-type': type } : {}),
      ...(type?.startsWith('text/html') && body.includes('id="app"') ? { 'content-security-policy': POLICY(fake.origin) } : {}),
      'x-content-type-options': 'nosniff', 'referrer-policy': 'same-origin', ...headers,
    });
    response.end(body);
  }

  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  fake.origin = `http://127.0.0.1:${server.address().port}`;
  fake.close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  setTimeout(fake.close, LONGEST_LIFE).unref();
  return fake;
}

const TYPES = { html: 'text/html; charset=utf-8', js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8' };

async function asset(name) {
  try {
    const body = await readFile(new URL(name, DIST), 'utf8');
    return { status: 200, type: TYPES[name.split('.').pop()], body };
  } catch {
    return { status: 404, type: 'text/plain', body: 'no such asset' };
  }
}
