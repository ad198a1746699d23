// The built app: the same bytes from another folder, one script and one style sheet, small, with nothing inline.
import assert from 'node:assert/strict';
import { cp, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

const app = new URL('..', import.meta.url).pathname;
const MOST = 120_000;

async function files(folder) {
  const names = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const paths = names.map((entry) => join(entry.parentPath, entry.name)).sort();
  return new Map(await Promise.all(paths.map(async (path) => [path.slice(folder.length), await readFile(path)])));
}

test('dist is what the sources build to, from any folder', async () => {
  const other = await mkdtemp(join(tmpdir(), 'console-'));
  try {
    for (const name of ['src', 'index.html', 'vite.config.mjs', 'tsconfig.json', 'package.json']) await cp(join(app, name), join(other, name), { recursive: true });
    await symlink(join(app, 'node_modules'), join(other, 'node_modules'));
    await build({ root: other, configFile: join(other, 'vite.config.mjs'), logLevel: 'error' });
    const [here, there] = [await files(join(app, 'dist')), await files(join(other, 'dist'))];
    assert.deepEqual([...here.keys()], [...there.keys()]);
    for (const [name, bytes] of here) assert.ok(bytes.equals(there.get(name)), `${name} differs; run npm run build`);
  } finally {
    await rm(other, { recursive: true });
  }
});

test('one script, one style sheet, nothing inline, and small', async () => {
  const built = await files(join(app, 'dist'));
  const names = [...built.keys()];
  assert.equal(names.filter((name) => /^\/assets\/[\w]+-[0-9a-f]{8}\.js$/.test(name)).length, 1);
  assert.equal(names.filter((name) => /^\/assets\/[\w]+-[0-9a-f]{8}\.css$/.test(name)).length, 1);
  assert.equal(names.length, 3);
  const page = built.get('/index.html').toString();
  assert.doesNotMatch(page, /<style|style=|\son\w+=|<script(?![^>]*\ssrc=)/);
  for (const [, address] of page.matchAll(/(?:src|href)="([^"]+)"/g)) assert.match(address, /^(\/console\/-\/assets\/|data:)/);
  const size = [...built.values()].reduce((sum, bytes) => sum + gzipSync(bytes, { level: 9 }).length, 0);
  assert.ok(size <= MOST, `${size} bytes`);
  console.log(`# ${size} bytes compressed`);
});

test('no source sets markup, and none keeps anything outside the session', async () => {
  for (const [name, bytes] of await files(join(app, 'src'))) {
    const text = bytes.toString();
    assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|localStorage|document\.cookie|\beval\(|new Function/, name);
    assert.ok(text.split('\n').length <= 300, `${name} is long`);
    assert.match(text, /^(\/\/|\/\*) \S/, `${name} says what it is for`);
  }
});

test('the lock names every package, and no place they come from', async () => {
  const lock = JSON.parse(await readFile(join(app, 'package-lock.json'), 'utf8'));
  const named = (of) => Object.keys({ ...of.dependencies, ...of.optionalDependencies });
  for (const [path, one] of Object.entries(lock.packages)) {
    assert.equal(one.resolved, undefined, path);
    if (path) assert.match(one.integrity, /^sha512-/, path);
    for (const name of named(one)) assert.ok(lock.packages[`node_modules/${name}`], `${path} needs ${name}, which the lock does not have`);
  }
  const { dependencies, devDependencies } = JSON.parse(await readFile(join(app, 'package.json'), 'utf8'));
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) assert.match(version, /^\d+\.\d+\.\d+$/, name);
});
