// Hostile output through the whole machine: it runs nothing, loads nothing and leaves no report.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';

import { as, launch, open } from '../browser.mjs';
import { HOSTILE, PLANS, settle } from './company.mjs';
import { serve, until } from './local.mjs';

let browser;
let edition;
let hostile;
let long;

before(async () => {
  edition = await serve(PLANS);
  await settle(edition);
  const odd = { summary: '<img src=x onerror="window.__ran=1"> \u202egpj.exe', tags: { team: '<b>x' } };
  hostile = await edition.create({ type: 'hostile-draft', input: HOSTILE, ...odd }, (job) => job.status === 'needs_review');
  long = await edition.create({ type: 'one-line', input: 'x' }, (job) => job.status === 'completed');
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await edition?.stop();
});

test('hostile output, input, summary, citations and calls are text on every screen', async () => {
  const page = await open(browser, edition);
  await as(page, edition, 'rita', `/acme/review/${hostile.id}`);
  const result = page.getByRole('region', { name: 'Proposed result' });
  for (const side of [result, page.getByRole('region', { name: 'Input' })]) {
    const body = side.locator('.text-body', { hasText: 'Before the' }).first();
    await body.waitFor();
    const shown = await body.textContent();
    for (const line of HOSTILE.split('\n').filter((line) => line.includes('<') || line.includes('{{'))) {
      assert.ok(shown.replace(/\[\d\]/g, '').includes(line), line);
    }
    for (const mark of ['202E', '200B', '00AD', 'E0041', '2066', '3164']) assert.ok(shown.includes(`‹U+${mark}›`), mark);
    assert.doesNotMatch(shown, /[\u202e\u200b\u2066]/);
  }
  await result.getByText('"amount": 1.10').waitFor();
  await result.getByText('10000000000000000001').waitFor();
  for (const address of await result.getByRole('link').evaluateAll((links) => links.map((link) => link.getAttribute('href')))) {
    assert.match(address, /^https:\/\/beacon\.example\//);
  }
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByRole('textbox').first().fill('Harmless \u2067now');
  await page.getByRole('group', { name: 'Difference' }).getByText('‹U+2067›').waitFor();
  await page.getByRole('button', { name: 'Discard' }).click();

  for (const path of ['attention', 'jobs', 'jobs?tag=team', `jobs/${hostile.id}`, `jobs/${hostile.id}?tab=input`, `jobs/${hostile.id}?tab=raw`, `jobs/${hostile.id}?tab=trail`, 'job-types/hostile-draft']) {
    await page.goto(`${edition.origin}/console/acme/${path}`);
    await page.getByText(path.startsWith('job-types') ? '<script>window.__ran="description"' : '<img src=x onerror="window.__ran=1">').first().waitFor();
    await page.waitForLoadState('networkidle');
    assert.equal(await page.evaluate(() => window.__ran), undefined, path);
    assert.equal(await page.locator('main img, main iframe, main script, main style, main object, main embed, main form[action]').count(), 0, path);
  }
  assert.deepEqual(page.faults, [], 'no violation, no error, no request to another place');
  await page.context().close();
});

test('a megabyte in one line is cut, wraps, and is shown whole on demand', async () => {
  const page = await open(browser, edition);
  await as(page, edition, 'alice', `/acme/jobs/${long.id}`);
  await page.getByText('The first 100 kB of 1.0 MB.').waitFor();
  await page.getByRole('button', { name: 'Show all' }).click();
  await page.waitForFunction(() => document.querySelector('.text-body').textContent.length === 1_048_576);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth));
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('the policy that the server sends holds, and no other page frames the console', async () => {
  const answer = await fetch(`${edition.origin}/console`);
  const policy = answer.headers.get('content-security-policy');
  for (const rule of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"]) assert.ok(policy.includes(rule), rule);
  const page = await open(browser, edition);
  await as(page, edition, 'rita', '/acme/people');
  const thrown = await page.evaluate(() => {
    try {
      document.querySelector('main').innerHTML = '<b>x</b>';
      return 'set';
    } catch (failure) {
      return failure.name;
    }
  });
  assert.equal(thrown, 'TypeError');
  await page.evaluate(() => document.body.append(Object.assign(document.createElement('img'), { src: 'https://beacon.example/x' })));
  await until(() => page.faults.some((fault) => fault.includes('img-src')));
  await page.context().close();

  const framing = createServer((_, response) => response.setHeader('content-type', 'text/html').end(`<iframe src="${edition.origin}/console"></iframe>`));
  await new Promise((resolve) => framing.listen(0, '127.0.0.1', resolve));
  const outside = await browser.newPage();
  await outside.goto(`http://127.0.0.1:${framing.address().port}/`);
  await until(() => outside.frames().length === 2 && outside.frames()[1].url().startsWith('chrome-error:'));
  await outside.close();
  framing.close();
});
