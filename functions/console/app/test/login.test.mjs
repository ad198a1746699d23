// Login, renewal and sign-out: nothing of a token in URLs, cookies or local storage, and nothing unsaved is lost.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { as, launch, open } from './browser.mjs';
import { start } from './fake/server.mjs';

let browser;
let fake;
const id = (summary) => fake.world.jobs.find((job) => job.row.input_summary.startsWith(summary)).row.id;

before(async () => {
  fake = await start({ jobs: 10 });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await fake?.close();
});

test('the login comes by itself, by code and PKCE, and leads to the page that was asked for', async () => {
  const page = await open(browser, fake);
  const asked = [];
  fake.authorized = (url) => asked.push(url);
  await as(page, fake, 'otto', '/acme/jobs?status=failed');
  await page.getByRole('table', { name: 'Jobs' }).waitFor();
  assert.equal(new URL(page.url()).search, '?status=failed');
  const query = asked[0].searchParams;
  assert.equal(query.get('redirect_uri'), `${fake.origin}/console/-/callback`);
  assert.equal(query.get('code_challenge_method'), 'S256');
  assert.equal(query.get('prompt'), null);
  const kept = await page.evaluate(() => ({ cookie: document.cookie, local: localStorage.length, session: Object.keys(sessionStorage) }));
  assert.deepEqual([kept.cookie, kept.local], ['', 0]);
  assert.deepEqual(kept.session, ['lanekeeper.tokens']);
  const tokens = await page.evaluate(() => JSON.parse(sessionStorage.getItem('lanekeeper.tokens')));
  for (const { path, headers } of fake.seen) {
    assert.ok(!path.includes(tokens.access) && !path.includes(tokens.refresh), path);
    assert.ok(!(headers.referer ?? '').includes('code='), 'the code leaves with no request');
    assert.equal(headers.cookie, undefined);
  }
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('/console opens attention of the first workspace', async () => {
  const page = await open(browser, fake);
  await as(page, fake, 'rita');
  await page.getByRole('heading', { name: 'Attention', level: 1 }).waitFor();
  assert.equal(new URL(page.url()).pathname, '/console/acme/attention');
  await page.context().close();
});

test('an access token that has ended is renewed without a word', async () => {
  const page = await open(browser, fake);
  await as(page, fake, 'otto', '/acme/people');
  fake.identity.expire();
  await page.getByRole('link', { name: 'Jobs', exact: true }).click();
  await page.getByRole('table', { name: 'Jobs' }).waitFor();
  assert.equal(fake.seen.filter((one) => one.body.includes('refresh_token')).length, 1, 'one renewal for all calls');
  await page.context().close();
});

test('a login that ends in the middle of an edit loses nothing', async () => {
  const page = await open(browser, fake);
  await as(page, fake, 'rita', `/acme/review/${id('Supply')}`);
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByRole('textbox', { name: 'Text' }).fill('My own words, not sent yet.');
  await page.getByRole('textbox', { name: 'Note' }).fill('Shorter.');
  await page.evaluate(() => { const kept = JSON.parse(sessionStorage['lanekeeper.tokens']); kept.since -= 60_000; sessionStorage['lanekeeper.tokens'] = JSON.stringify(kept); });
  fake.identity.expire({ refreshToo: true });
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { name: 'Who are you?' }).waitFor();
  await page.getByRole('button', { name: 'rita', exact: true }).click();
  await page.getByText('What you had not sent yet is back.').waitFor();
  assert.equal(await page.getByRole('textbox').first().inputValue(), 'My own words, not sent yet.');
  assert.equal(await page.getByRole('textbox', { name: 'Note' }).inputValue(), 'Shorter.');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('region', { name: 'Proposed result' }).getByText('My own words, not sent yet.').waitFor();
  assert.equal(await page.evaluate(() => Object.keys(sessionStorage).filter((key) => key.includes('draft')).length), 0);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('sign out clears the session, signs nobody in, and the next login asks who it is', async () => {
  const page = await open(browser, fake);
  await as(page, fake, 'otto', '/acme/people');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Signed out' }).waitFor();
  assert.equal(new URL(page.url()).pathname, '/console/-/signed-out');
  assert.deepEqual(await page.evaluate(() => Object.keys(sessionStorage)), ['lanekeeper.ask']);
  const asked = [];
  fake.authorized = (url) => asked.push(url.searchParams.get('prompt'));
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('heading', { name: 'Who are you?' }).waitFor();
  assert.equal(asked[0], 'login');
  await page.context().close();
});

test('what goes wrong with a login is said, and goes in no circle', async () => {
  const page = await open(browser, fake);
  await page.goto(`${fake.origin}/console/-/callback?code=stolen&state=other`);
  await page.getByRole('heading', { name: 'Login failed' }).waitFor();
  await page.getByText('This login was not begun in this tab.').waitFor();
  assert.equal(new URL(page.url()).search, '', 'the code is out of the address bar');
  fake.before = (_, url) => (url.pathname.startsWith('/v1/') ? { status: 401, type: 'application/json', body: '{"message":"Unauthorized"}' } : null);
  await page.goto(`${fake.origin}/console/acme/jobs`);
  await page.getByRole('button', { name: 'otto', exact: true }).click();
  await page.getByText('The API does not accept the token of this login.').waitFor();
  fake.before = null;
  await page.getByRole('button', { name: 'Log in again' }).click();
  await page.getByRole('button', { name: 'otto', exact: true }).click();
  await page.getByRole('table', { name: 'Jobs' }).waitFor();
  await page.context().close();
});
