// One call of the API: the token, the answer or its problem, and whether there is a connection at all.
import { signal } from '@preact/signals';

import { accessToken, anotherToken, needLogin } from '../auth/login';
import type { ProblemBody } from './types';

/** Since when calls have not come through, and why; `null` while they do. */
export const lost = signal<{ since: number; why: string } | null>(null);

/** The API has answered, and the answer is no. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly body: ProblemBody,
    readonly retryAfter: number | null,
  ) {
    super(body.detail || body.message || body.title || `The API answers ${status}.`);
  }

  get code(): string {
    return this.body.code ?? '';
  }
}

/** No answer came, or one that says to come back: what was seen last stays on the screen. */
export class Lost extends Error {}

/** The page is about to be left for a login. */
export class LoggedOut extends Error {}

export interface Call {
  method?: 'GET' | 'POST';
  body?: unknown;
  ifMatch?: string;
  ifNoneMatch?: string | null;
  signal?: AbortSignal;
  /** Keeps the digits of numbers that a browser would round. */
  exact?: boolean;
}

export interface Answer<T> {
  status: number;
  data: T;
  etag: string | null;
  /** Milliseconds until the next look; `undefined` where the API does not say. */
  pollAfter: number | null | undefined;
}

const LONGEST = 30_000;

export async function call<T>(path: string, options: Call = {}): Promise<Answer<T>> {
  const response = await send(path, options);
  const text = response.status === 304 ? '' : await response.text().catch(failed);
  const answer = { status: response.status, etag: response.headers.get('etag') };
  const data = text ? (readable(text, options.exact ?? false, response.status) as T) : (null as T);
  return { ...answer, data, pollAfter: pollAfter(response, data) };
}

export async function bytes(path: string): Promise<Blob> {
  const response = await send(path, {});
  return response.blob().catch(failed);
}

async function send(path: string, options: Call): Promise<Response> {
  let token = await accessToken().catch(failed);
  for (let tries = 0; token !== null && tries < 2; tries += 1) {
    const response = await once(path, options, token);
    if (response.status !== 401) return checked(response, options.method ?? 'GET');
    token = await anotherToken(token).catch(failed);
  }
  void needLogin();
  throw new LoggedOut('The login has ended.');
}

async function once(path: string, options: Call, token: string): Promise<Response> {
  const headers: Record<string, string> = { authorization: `Bearer ${token}`, accept: 'application/json' };
  if (options.ifMatch) headers['if-match'] = options.ifMatch;
  if (options.ifNoneMatch) headers['if-none-match'] = options.ifNoneMatch;
  if (options.body !== undefined) headers['content-type'] = 'application/json';
  const limit = AbortSignal.timeout(LONGEST);
  return fetch(path, {
    method: options.method ?? 'GET',
    headers,
    body: options.body === undefined ? null : JSON.stringify(options.body),
    signal: options.signal ? AbortSignal.any([options.signal, limit]) : limit,
    cache: 'no-store',
    credentials: 'omit',
    redirect: 'error',
  }).catch((failure: unknown) => {
    if (options.signal?.aborted) throw failure;
    return failed();
  });
}

function failed(): never {
  lost.value ??= { since: Date.now(), why: 'No connection.' };
  throw new Lost('No answer came.');
}

async function checked(response: Response, method: string): Promise<Response> {
  if (response.ok || response.status === 304) {
    lost.value = null;
    return response;
  }
  const body = (await response.json().catch(() => ({}))) as ProblemBody;
  const after = Number(response.headers.get('retry-after'));
  const problem = new Problem(response.status, body ?? {}, after > 0 ? after * 1000 : null);
  const isPassing = response.status === 429 || response.status === 502 || response.status === 503 || response.status === 504;
  if (isPassing && method === 'GET') {
    lost.value ??= { since: Date.now(), why: `The service is busy (${response.status}).` };
    throw new Lost(problem.message);
  }
  lost.value = null;
  throw problem;
}

function pollAfter(response: Response, data: unknown): number | null | undefined {
  const named = (data as { poll_after_ms?: number | null } | null)?.poll_after_ms;
  if (named !== undefined) return named;
  const header = response.headers.get('poll-after-ms') ?? response.headers.get('x-poll-after-ms');
  return header === null ? undefined : Number(header) || null;
}

function readable(text: string, isExact: boolean, status: number): unknown {
  try {
    return parsed(text, isExact);
  } catch {
    throw new Problem(status, { detail: 'The answer of the API cannot be read.' }, null);
  }
}

type Source = { source?: string };
type RawJson = { rawJSON?: (text: string) => unknown };

/** The answer as JSON. Where it has to be exact, a number that this language would change stays as it was written. */
function parsed(text: string, isExact: boolean): unknown {
  const raw = (JSON as RawJson).rawJSON;
  if (!isExact || !raw) return JSON.parse(text);
  const keep = (_: string, value: unknown, context?: Source) =>
    typeof value === 'number' && context?.source !== undefined && String(value) !== context.source
      ? raw(context.source)
      : value;
  return JSON.parse(text, keep as (key: string, value: unknown) => unknown);
}
