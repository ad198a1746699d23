// Every screen for every role, over the real local edition: what each sees, may do and is refused.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { as, launch, open } from '../browser.mjs';
import { axe, fits, goodButtons, goodForAll, NAMES } from '../checks.mjs';
import { jobs, PLANS, settle } from './company.mjs';
import { PEOPLE, serve } from './local.mjs';

let browser;
let edition;
let made;

before(async () => {
  edition = await serve(PLANS);
  await settle(edition);
  made = await jobs(edition);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await edition?.stop();
});

/** Each screen with what shows that it is there. */
const SCREENS = () => [
  ['/acme/attention', 'Attention', (page) => page.getByRole('heading', { name: /Needs a person/ }).and(page.locator(':not(:has(+ .waiting))'))],
  ['/acme/jobs', 'Jobs', (page) => page.getByRole('table', { name: 'Jobs' })],
  [`/acme/jobs/${made.completed.id}`, 'Job', (page) => page.getByText('The agreement binds both sides').first()],
  [`/acme/jobs/${made.completed.id}?tab=input`, 'Job', (page) => page.getByText('Supply agreement between').first()],
  [`/acme/jobs/${made.completed.id}?tab=trail`, 'Job', (page) => page.getByRole('table', { name: 'Trail' })],
  [`/acme/jobs/${made.completed.id}?tab=provider`, 'Job', (page) => page.getByRole('table', { name: 'Usage' })],
  [`/acme/jobs/${made.completed.id}?tab=raw`, 'Job', (page) => page.getByText('"object"').first()],
  [`/acme/jobs/${made.running.id}`, 'Job', (page) => page.getByText('There is no result yet.')],
  [`/acme/jobs/${made.failed.id}`, 'Job', (page) => page.getByText('The run failed on the provider').first()],
  [`/acme/review/${made.change.id}`, 'Review', (page) => page.getByRole('region', { name: 'Input' }).getByText('Supply agreement between')],
  ['/acme/job-types', 'Job types', (page) => page.getByRole('link', { name: /contract-change/ })],
  ['/acme/job-types/contract-change', 'Job types', (page) => page.getByText('Every result waits for a reviewer.')],
  ['/acme/people', 'People', (page) => page.getByRole('table', { name: 'Members' })],
];

/** What a role's screens ask for and are refused: who may read a waiting result is said by the answer alone. */
const REFUSED = { rita: [], remy: [] };
const awaiting = () => [`403 GET /v1/workspaces/acme/jobs/${made.change.id}/result`];

for (const person of PEOPLE) {
  test(`every screen for ${person}`, async () => {
    const page = await open(browser, edition);
    await as(page, edition, person);
    for (const [path, name, shown] of SCREENS()) {
      await page.goto(`${edition.origin}/console${path}`);
      await shown(page).waitFor();
      assert.deepEqual(await page.getByRole('heading', { level: 1 }).allTextContents(), [name], path);
      await goodButtons(page, path);
    }
    assert.deepEqual(page.faults, []);
    assert.deepEqual([...new Set(page.refused)], REFUSED[person] ?? awaiting());
    await page.context().close();
  });
}

for (const [mode, options] of [
  ['light', {}],
  ['dark', { colorScheme: 'dark' }],
  ['narrow', { viewport: { width: 375, height: 740 } }],
]) {
  test(`every screen, ${mode}`, async () => {
    const page = await open(browser, edition, options);
    await page.addInitScript(axe);
    await as(page, edition, 'rita');
    for (const [path, , shown] of SCREENS()) {
      await page.goto(`${edition.origin}/console${path}`);
      await shown(page).waitFor();
      await fits(page, path);
      if (path.endsWith('trail')) assert.ok(await page.getByRole('table', { name: 'Trail' }).getByText('Alice Ahn').isVisible(), `${mode}: the trail says who`);
      await goodForAll(page, `${mode} ${path}`);
    }
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });
}

/** The buttons of a job's page, for each person; what is waiting has its decisions on the page of the review. */
const MAY = {
  alice: { change: ['Cancel', 'Escalate'], running: ['Cancel', 'Escalate'], completed: ['Archive'], failed: ['Retry', 'Escalate', 'Archive'], review: [] },
  rita: { change: ['Escalate'], running: ['Escalate'], completed: [], failed: ['Escalate'], review: ['Approve', 'Edit', 'Request changes', 'Reject'] },
  otto: { change: ['Cancel', 'Escalate'], running: ['Cancel', 'Escalate'], completed: ['Archive'], failed: ['Retry', 'Escalate', 'Archive'], review: [] },
  ada: { change: [], running: [], completed: [], failed: [], review: [] },
  audrey: { change: [], running: [], completed: [], failed: [], review: [] },
};

test('each person has the buttons that the API allows, and no others', async () => {
  for (const [person, may] of Object.entries(MAY)) {
    const page = await open(browser, edition);
    await as(page, edition, person);
    const names = async (within) => (await page.locator(within).getByRole('button').allTextContents()).filter((name) => NAMES.includes(name));
    for (const [which, expected] of Object.entries(may)) {
      if (which === 'review') continue;
      await page.goto(`${edition.origin}/console/acme/jobs/${made[which].id}`);
      await page.getByRole('button', { name: 'Copy as curl' }).waitFor();
      assert.deepEqual(await names('.job-head'), expected, `${person}, ${which}`);
    }
    await page.goto(`${edition.origin}/console/acme/review/${made.change.id}`);
    await page.getByText('Submitted by').waitFor();
    if (may.review.length > 0) await page.getByRole('button', { name: 'Approve' }).waitFor();
    assert.deepEqual(await names('main'), may.review, `${person}, review`);
    await page.getByRole('link', { name: 'People' }).click();
    await page.getByRole('table', { name: 'Members' }).waitFor();
    if (['ada', 'audrey'].includes(person)) await page.getByRole('table', { name: 'Trail' }).waitFor();
    else assert.equal(await page.getByRole('heading', { name: 'Trail' }).count(), 0, person);
    await page.context().close();
  }
});

test('somebody of another workspace finds nothing, by any address, and no filters above nothing', async () => {
  const page = await open(browser, edition);
  await as(page, edition, 'mallory');
  await page.waitForURL(/\/rival\/attention$/);
  await page.getByRole('heading', { name: 'This workspace has no jobs yet' }).waitFor();
  for (const [path] of SCREENS().filter(([path]) => !path.startsWith('/acme/job-types'))) {
    await page.goto(`${edition.origin}/console${path}`);
    await page.getByText('There is nothing here, or you may not see it.').first().waitFor();
    assert.equal(await page.getByText('Norden').count(), 0, path);
    assert.equal(await page.getByRole('search').count(), 0, path);
  }
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('the filters of the list are those of the API, and what it does not take is said', async () => {
  const page = await open(browser, edition);
  await as(page, edition, 'otto', '/acme/jobs');
  const shown = async (expected) => {
    const rows = page.getByRole('table', { name: 'Jobs' }).locator('tbody tr');
    await page.waitForFunction((count) => document.querySelectorAll('table.jobs tbody tr').length === count, expected.length);
    const texts = await rows.allTextContents();
    for (const summary of expected) assert.ok(texts.some((text) => text.includes(summary)), `${summary}: ${texts}`);
  };
  await shown(['Supply', 'Parcel', 'Market', 'Lease', 'Terms', 'Minutes']);
  await page.getByRole('link', { name: 'failed', exact: true }).click();
  await shown(['Terms', 'Minutes']);
  await page.getByRole('link', { name: 'completed', exact: true }).click();
  await page.waitForURL(/status=failed,completed/);
  await shown(['Terms', 'Minutes', 'Lease']);
  await page.goto(`${edition.origin}/console/acme/jobs?created_by=otto`);
  await page.getByText('No job matches.').waitFor();
  await page.goto(`${edition.origin}/console/acme/jobs?created_by=alice&order=oldest`);
  await shown(['Supply', 'Parcel', 'Market', 'Lease', 'Terms', 'Minutes']);
  assert.match(await page.locator('table.jobs tbody tr').first().textContent(), /Supply/, 'the oldest first');
  await page.goto(`${edition.origin}/console/acme/jobs?from=${made.completed.created_at}`);
  await shown(['Lease', 'Terms', 'Minutes']);
  await page.goto(`${edition.origin}/console/acme/jobs?from=${made.running.created_at}&to=${made.completed.created_at}`);
  await shown(['Market']);
  await page.getByRole('button', { name: 'More filters' }).click();
  await page.getByLabel('Lane').selectOption('approval');
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.getByText('No job matches.').waitFor();
  await page.getByRole('link', { name: 'Clear all' }).click();
  await page.getByRole('searchbox').fill('team:legal');
  await page.keyboard.press('Enter');
  await shown(['Supply', 'Lease']);
  await page.getByRole('searchbox').fill('order 17');
  await page.keyboard.press('Enter');
  await page.getByText('That is neither a whole job id').waitFor();
  assert.deepEqual(page.refused, []);
  await page.goto(`${edition.origin}/console/acme/jobs?status=done&from=yesterday`);
  const refusal = page.getByRole('alert');
  for (const field of ['status', 'from']) await refusal.getByText(field, { exact: true }).waitFor();
  await refusal.getByText('needs_review').waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});
