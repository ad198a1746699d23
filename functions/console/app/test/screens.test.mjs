// Every screen by role and name, in both schemes and on a narrow screen, with nothing that axe finds serious.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { as, launch, open } from './browser.mjs';
import { axe, fits, goodButtons, goodForAll, NAMES } from './checks.mjs';
import { start } from './fake/server.mjs';

let browser;
let fake;
const id = (summary) => fake.world.jobs.find((job) => job.row.input_summary.startsWith(summary)).row.id;

before(async () => {
  fake = await start({ jobs: 80 });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await fake?.close();
});

const screens = () => [
  ['/acme/attention', 'Attention', (page) => page.getByRole('table', { name: 'Needs a person' })],
  ['/acme/jobs', 'Jobs', (page) => page.getByRole('table', { name: 'Jobs' })],
  [`/acme/jobs/${id('Suppliers')}`, 'Job', (page) => page.getByText('There is no result yet.')],
  [`/acme/jobs/${id('Hostile')}?tab=trail`, 'Job', (page) => page.getByRole('table', { name: 'Trail' })],
  [`/acme/jobs/${id('Note on')}?tab=provider`, 'Job', (page) => page.getByText('Response id')],
  [`/acme/review/${id('Note on')}`, 'Review', (page) => page.getByRole('region', { name: 'Input' })],
  ['/acme/job-types/contract-change?compare=1', 'Job types', (page) => page.getByText('2 approvals are needed.')],
  ['/acme/people', 'People', (page) => page.getByRole('table', { name: 'Members' })],
];

for (const [mode, options] of [
  ['light', {}],
  ['dark', { colorScheme: 'dark' }],
  ['narrow', { viewport: { width: 375, height: 740 } }],
]) {
  test(`every screen, ${mode}`, async () => {
    const page = await open(browser, fake, options);
    await page.addInitScript(axe);
    await as(page, fake, 'rita');
    for (const [path, name, shown] of screens()) {
      await page.goto(`${fake.origin}/console${path}`);
      await shown(page).waitFor();
      assert.deepEqual(await page.getByRole('heading', { level: 1 }).allTextContents(), [name]);
      await goodButtons(page, path);
      await goodForAll(page, `${mode} ${path}`);
      await fits(page, path);
    }
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });
}

test('each person sees what the API gives them, and no refused action', async () => {
  const expected = {
    alice: { job: ['Cancel', 'Escalate'], trail: false },
    rita: { job: ['Escalate'], trail: false },
    otto: { job: ['Cancel', 'Escalate'], trail: false },
    ada: { job: [], trail: true },
    audrey: { job: [], trail: true },
  };
  for (const [person, sees] of Object.entries(expected)) {
    const page = await open(browser, fake);
    await as(page, fake, person, `/acme/jobs/${id('Suppliers')}`);
    await page.getByText('research-report').first().waitFor();
    const names = await page.locator('.job-head').getByRole('button').allTextContents();
    assert.deepEqual(names.filter((name) => NAMES.includes(name)), sees.job, person);
    await page.getByRole('link', { name: 'People' }).click();
    await page.getByRole('table', { name: 'Members' }).waitFor();
    if (sees.trail) await page.getByRole('table', { name: 'Trail' }).waitFor();
    else assert.equal(await page.getByRole('heading', { name: 'Trail' }).count(), 0);
    assert.deepEqual(page.faults, []);
    await page.context().close();
  }
});

test('a refusal by URL is a sentence', async () => {
  const page = await open(browser, fake);
  await as(page, fake, 'alice', `/acme/review/${id('Note on')}`);
  await page.getByText('A reviewer has not allowed this result yet.').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Approve' }).count(), 0);
  await page.goto(`${fake.origin}/console/acme/jobs/job_00`);
  await page.getByText('There is nothing here, or you may not see it.').waitFor();
  await page.goto(`${fake.origin}/console/acme/nonsense`);
  await page.getByRole('heading', { name: 'No such screen' }).waitFor();
  await page.context().close();
});

test('whoever is nobody\'s member sees their id and a field for a workspace', async () => {
  const page = await open(browser, fake);
  await as(page, fake, 'nobody');
  await page.getByRole('heading', { name: 'No workspace yet' }).waitFor();
  await page.locator('code', { hasText: 'nobody' }).waitFor();
  await page.getByRole('textbox', { name: 'Workspace' }).fill('acme');
  await page.getByRole('button', { name: 'Open' }).click();
  await page.getByText('There is nothing here, or you may not see it.').first().waitFor();
  await page.context().close();
});

test('an empty workspace explains itself', async () => {
  const empty = await start({ empty: true });
  const page = await open(browser, empty);
  await as(page, empty, 'alice');
  await page.getByRole('heading', { name: 'This workspace has no jobs yet' }).waitFor();
  await page.getByText('/v1/workspaces/acme/jobs').waitFor();
  await page.getByRole('link', { name: 'Jobs', exact: true }).click();
  await page.getByRole('button', { name: 'Copy command' }).click();
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /curl -s "\$API\/v1\/workspaces\/acme\/jobs"/);
  await page.context().close();
  await empty.close();
});

test('it lives with an API that does not have everything yet', async () => {
  const old = await start({ jobs: 20, old: true });
  const page = await open(browser, old);
  await as(page, old, 'rita', '/acme/attention');
  await page.getByRole('table', { name: 'Waiting for review' }).waitFor();
  await page.getByRole('link', { name: 'Open review' }).first().click();
  await page.getByRole('region', { name: 'Proposed result' }).getByText('The agreement binds both sides').waitFor();
  await page.getByRole('button', { name: 'Approve' }).waitFor();
  await page.getByRole('link', { name: 'Jobs', exact: true }).click();
  await page.getByRole('table', { name: 'Jobs' }).getByRole('link').first().click();
  await page.getByRole('tab', { name: 'Trail' }).click();
  await page.getByRole('table', { name: 'Trail' }).waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
  await old.close();
});

test('an answer of an unknown shape ends one screen and no other', async () => {
  const page = await open(browser, fake);
  await as(page, fake, 'otto', '/acme/attention');
  fake.before = (_, url) => (url.pathname.endsWith('/job-types/contract-change') ? { status: 200, type: 'application/json', body: '{"version":1,"name":"x","effects":7}' } : null);
  await page.getByRole('link', { name: 'Job types' }).click();
  await page.getByRole('heading', { name: 'This screen cannot be shown' }).waitFor();
  fake.before = null;
  await page.getByRole('link', { name: 'Jobs', exact: true }).click();
  await page.getByRole('table', { name: 'Jobs' }).waitFor();
  await page.context().close();
});
