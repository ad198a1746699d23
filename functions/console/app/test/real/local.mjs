// The real local edition for a test: its binary, on a free port, with its simulator, over a folder that goes with it.
import { execFile, spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = new URL('../../../../..', import.meta.url).pathname;
const BINARY = process.env.LANEKEEPER_LOCAL ?? join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'debug', 'local');
/** Nothing of this shell's goes in: an API key of OpenAI's would make every job a paid one. */
const ENVIRONMENT = { PATH: process.env.PATH, NO_PROXY: '127.0.0.1', RUST_MIN_STACK: '16777216' };

export const PEOPLE = ['alice', 'rita', 'remy', 'otto', 'ada', 'audrey'];

/** `plans`: how the simulator treats the responses of each job type. */
export async function serve(plans) {
  if (!existsSync(BINARY)) throw new Error(`There is no ${BINARY}: cargo build --bin local, or name another one in LANEKEEPER_LOCAL.`);
  const folder = await mkdtemp(join(tmpdir(), 'lanekeeper-console-'));
  const data = join(folder, 'data');
  await writeFile(join(folder, 'plans.json'), JSON.stringify(plans));
  const options = ['serve', '--port', '0', '--data', data, '--plan', join(folder, 'plans.json')];
  const server = spawn(BINARY, options, { env: { ...ENVIRONMENT, HOME: folder }, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  const kill = () => server.kill('SIGKILL');
  // A test that takes too long is ended from outside; nothing of it stays.
  const leave = () => {
    kill();
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', leave);
  process.once('SIGTERM', () => process.exit(1));
  process.once('SIGINT', () => process.exit(1));

  const heard = { log: '' };
  for (const pipe of [server.stdout, server.stderr]) pipe.setEncoding('utf8').on('data', (text) => (heard.log += text));
  const stop = async () => {
    process.off('exit', leave);
    server.kill('SIGINT');
    await Promise.race([ended, later(10_000).then(kill)]);
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  const origin = await until(() => /^ {2}API +(http:\S+)$/m.exec(heard.log)?.[1] ?? (server.exitCode === null ? null : 'none'));
  if (origin === 'none') {
    await stop();
    throw new Error(`The local edition ended at once:\n${heard.log}`);
  }

  const tokens = new Map();
  const token = async (person) => {
    if (!tokens.has(person)) {
      const { stdout } = await promisify(execFile)(BINARY, ['token', '--workspace', 'acme', '--principal', person, '--data', data], { env: ENVIRONMENT });
      tokens.set(person, stdout.trim().split('\n').at(-1));
    }
    return tokens.get(person);
  };
  /** A call as a backend makes it, by somebody. */
  const call = async (person, method, path, body, more = {}) => {
    const headers = { authorization: `Bearer ${await token(person)}`, 'content-type': 'application/json', ...more };
    const answer = await fetch(`${origin}/v1/workspaces/acme/${path}`, { method, headers, body: body && JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return JSON.parse(text);
  };
  const job = (person, id) => call(person, 'GET', `jobs/${id}`);
  /** Creates one, and waits until it is as it should be. */
  const create = async (body, isThere = () => true, person = 'alice') => {
    const { id } = await call(person, 'POST', 'jobs', body);
    return until(async () => {
      const seen = await job(person, id);
      return isThere(seen) ? seen : null;
    });
  };
  return { origin, data, folder, heard, call, job, create, token, stop };
}

export const later = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** What `look` answers once it is something. */
export async function until(look, patience = 30_000) {
  for (const end = Date.now() + patience; ; ) {
    const seen = await look();
    if (seen) return seen;
    if (Date.now() > end) throw new Error(`It did not come about within ${patience} ms: ${look}`);
    await later(100);
  }
}
