// Controls of one job and of many: said before they are done, guarded by version, slow where asked to, stoppable.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { as, launch, open } from './browser.mjs';
import { start } from './fake/server.mjs';

let browser;
let fake;
const job = (summary) => fake.world.jobs.find((one) => one.row.input_summary.startsWith(summary));

before(async () => {
  fake = await start({ jobs: 5000 });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await fake?.close();
});

test('a control says what it does, takes a note, and shows in the trail', async () => {
  const page = await open(browser, fake);
  await as(page, fake, 'otto', `/acme/jobs/${job('Market').row.id}`);
  await page.getByRole('button', { name: 'Cancel' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('The job ends for good and never completes.').waitFor();
  await dialog.getByText('The provider is asked to stop the run').waitFor();
  await dialog.getByRole('textbox', { name: 'Note' }).fill('No longer wanted. <b>');
  await dialog.getByRole('button', { name: 'Confirm' }).click();
  await page.getByText('The job is canceled.').waitFor();
  await page.getByRole('tab', { name: 'Trail' }).click();
  await page.getByText('No longer wanted. <b>').waitFor();
  await page.getByRole('button', { name: 'Retry' }).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Cancel' }).count(), 0);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('the next step of a row is a button where it is allowed', async () => {
  const page = await open(browser, fake);
  await as(page, fake, 'otto');
  const row = page.getByRole('table', { name: 'Needs a person' }).getByRole('row').filter({ hasText: 'Suppliers of cobalt' });
  await row.getByRole('button', { name: 'Escalate' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Confirm' }).click();
  await page.getByText('The job is at level 2 now.').waitFor();
  await page.context().close();
});

test('"Copy as curl" copies without the token, and a download is saved', async () => {
  const page = await open(browser, fake);
  const { row } = job('Hostile');
  await as(page, fake, 'otto', `/acme/jobs/${row.id}`);
  await page.getByRole('button', { name: 'Copy as curl' }).click();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `curl -s "${fake.origin}/v1/workspaces/acme/jobs/${row.id}" -H "authorization: Bearer $TOKEN"`);
  await page.getByRole('tab', { name: 'Raw' }).click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download' }).click()]);
  assert.equal(download.suggestedFilename(), `${row.id}.json`);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('5,000 jobs: a hundred more at a time, filters in the URL, search by id and tag', async () => {
  const page = await open(browser, fake);
  await as(page, fake, 'otto', '/acme/jobs');
  const rows = page.getByRole('table', { name: 'Jobs' }).locator('tbody tr');
  await rows.first().waitFor();
  assert.equal(await rows.count(), 50);
  for (let pages = 1; pages <= 5; pages += 1) {
    await page.getByRole('button', { name: 'Load more' }).click();
    await page.waitForFunction((count) => document.querySelectorAll('table.jobs tbody tr').length === count, 50 + 100 * pages);
  }
  await page.getByRole('link', { name: 'failed', exact: true }).click();
  await page.waitForFunction(() => [...document.querySelectorAll('.jobs .word')].every((word) => word.textContent === 'failed'));
  assert.equal(new URL(page.url()).search, '?status=failed');
  await page.getByRole('link', { name: 'expired', exact: true }).click();
  await page.waitForURL(/status=failed,expired/);
  await page.getByRole('button', { name: 'More filters' }).click();
  await page.getByLabel('Type').selectOption('support-reply-draft');
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.waitForURL(/type=support-reply-draft/);
  await page.waitForFunction(() => document.querySelectorAll('table.jobs tbody tr').length === 1);
  await page.getByRole('link', { name: 'Clear all' }).click();
  await page.getByRole('searchbox').fill('order:17');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelectorAll('table.jobs tbody tr').length === 1);
  await page.getByRole('searchbox').fill(job('Hostile').row.id);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Job', exact: true, level: 1 }).waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('many at once: the count and the cost first, four at a time, slow on 429, and a list of what failed', async () => {
  const page = await open(browser, fake);
  await as(page, fake, 'otto', '/acme/jobs?status=failed&created_by=svc-intake');
  const matching = fake.world.jobs.filter(({ row }) => row.status === 'failed' && row.created_by === 'svc-intake');
  assert.ok(matching.length > 100 && matching.length < 500);
  await page.getByRole('button', { name: 'Archive', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('heading', { name: `Archive ${matching.length} jobs?` }).waitFor();
  await dialog.getByText(/These jobs have cost (about )?\$\d+\.\d+ so far\./).waitFor();
  matching[3].row.version += 1;
  let open_ = 0;
  let most = 0;
  let refused = 0;
  fake.before = async (request, url) => {
    if (!url.pathname.endsWith('/archive')) return null;
    assert.match(request.headers['if-match'], /^"\d+"$/);
    open_ += 1;
    most = Math.max(most, open_);
    await new Promise((resolve) => setTimeout(resolve, 5));
    open_ -= 1;
    if (refused < 3 && Math.random() < 0.2) {
      refused += 1;
      return { status: 429, headers: { 'retry-after': '1' }, type: 'application/json', body: '{"message":"Too Many Requests"}' };
    }
    return null;
  };
  await dialog.getByRole('button', { name: 'Confirm' }).click();
  await dialog.getByText(`Done for ${matching.length - 1} jobs.`).waitFor({ timeout: 30_000 });
  fake.before = null;
  assert.ok(most <= 4, `${most} at once`);
  await dialog.getByRole('region', { name: 'Failed' }).getByText('It has moved on since it was collected.').waitFor();
  await dialog.getByRole('button', { name: 'Back' }).click();
  assert.equal(matching.filter(({ row }) => row.archived_at).length, matching.length - 1);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('at most 500 are taken, and it can be stopped', async () => {
  const page = await open(browser, fake);
  await as(page, fake, 'otto', '/acme/jobs?status=canceled');
  await page.getByRole('button', { name: 'Retry', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('heading', { name: 'Retry 500 jobs?' }).waitFor();
  fake.before = async (_, url) => {
    if (url.pathname.endsWith('/retry')) await new Promise((resolve) => setTimeout(resolve, 20));
    return null;
  };
  await dialog.getByRole('button', { name: 'Confirm' }).click();
  await dialog.getByRole('button', { name: 'Stop' }).click();
  await dialog.getByText(/Stopped; 4\d\d jobs left alone\./).waitFor();
  fake.before = null;
  await page.context().close();
});
