// The approval story over the real local edition: two people, through the screens alone, and each wrong person.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { as, launch, open } from '../browser.mjs';
import { CONTRACT, PLANS, settle } from './company.mjs';
import { serve } from './local.mjs';

let browser;
let edition;
const waits = (job) => job.status === 'needs_review';

before(async () => {
  edition = await serve(PLANS);
  await settle(edition);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await edition?.stop();
});

const mine = async (person, path, see) => {
  const page = await open(browser, edition);
  await as(page, edition, person, path);
  await see(page);
  assert.deepEqual(page.faults, [], person);
  await page.context().close();
};

test('from the attention list to completed, by two people, and each wrong person finds the button gone', async () => {
  const { id } = await edition.create({ type: 'contract-change', input: CONTRACT, summary: 'Supply agreement' }, waits);
  const review = `/acme/review/${id}`;
  const row = (page) => page.getByRole('table', { name: 'Waiting for review' }).getByRole('row').filter({ hasText: 'Supply agreement' });

  // Whoever is no reviewer sees that it waits, has no way to a decision, and is told so by the page's address.
  for (const person of ['alice', 'otto', 'ada', 'audrey']) {
    await mine(person, '', async (page) => {
      await row(page).getByText('A reviewer has to decide.').waitFor();
      assert.equal(await page.getByRole('link', { name: 'Open review' }).count(), 0, person);
      await page.goto(`${edition.origin}/console${review}`);
      await page.getByText('It waits for a decision that you may not make').waitFor();
      await page.getByRole('alert').getByText('A reviewer has not allowed this result yet.').waitFor();
      assert.equal(await page.getByRole('button', { name: /Approve|Edit|Reject|Request/ }).count(), 0, person);
    });
  }
  await mine('mallory', review, async (page) => {
    await page.getByRole('alert').getByText('There is nothing here, or you may not see it.').first().waitFor();
    assert.equal(await page.getByRole('button', { name: 'Approve' }).count(), 0);
  });

  // Rita writes another text, sees the difference, and may no longer approve it herself.
  await mine('rita', '', async (page) => {
    await row(page).getByRole('link', { name: 'Open review' }).click();
    await page.getByRole('region', { name: 'Input' }).getByText('Norden Instruments and Halle Optics').waitFor();
    await page.getByRole('region', { name: 'Proposed result' }).getByText('[2]').first().waitFor();
    await page.getByText('{"supplier": "Halle Optics", "months": 12, "limit": 10000000000000000001}').waitFor();
    await page.getByRole('button', { name: 'Edit' }).click();
    const text = page.getByRole('textbox').first();
    await text.fill((await text.inputValue()).replace('Three points need', 'Four points need'));
    await page.getByRole('group', { name: 'Difference' }).getByText('Four').waitFor();
    await page.getByRole('textbox', { name: 'Note' }).fill('There are four.');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('region', { name: 'Proposed result' }).getByText('Four points need').waitFor();
    await page.getByRole('button', { name: 'Reject' }).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Approve' }).count(), 0);
    await page.goto(`${edition.origin}/console${review}`);
    await page.getByText('You may not approve this one; others have to.').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Approve' }).count(), 0);
    assert.deepEqual(page.refused, []);
  });

  // Remy approves it, from the attention list to the end.
  await mine('remy', '', async (page) => {
    await row(page).getByRole('link', { name: 'Open review' }).click();
    await page.getByRole('textbox', { name: 'Note' }).fill('Checked.');
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('dialog').getByText('This is the last approval that is missing.').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Confirm' }).click();
    await page.locator('.job-head').getByText('completed', { exact: true }).waitFor();
    await page.getByText('Nothing else waits for you.').waitFor();
    assert.equal(await page.getByRole('button', { name: /Approve|Edit|Reject/ }).count(), 0);
    const [notice, last] = await Promise.all([page.locator('.notice').boundingBox(), page.locator('.next-one').boundingBox()]);
    assert.ok(notice.y + notice.height <= last.y || notice.y >= last.y + last.height, 'the notice covers nothing that comes next');
    assert.deepEqual(page.refused, []);
  });
  assert.equal((await edition.job('alice', id)).status, 'completed');

  // Alice reads exactly that text.
  await mine('alice', `/acme/jobs/${id}`, async (page) => {
    await page.getByText('Four points need').waitFor();
    await page.getByText('Checked.').waitFor();
    await page.getByRole('tab', { name: 'Trail' }).click();
    await page.getByRole('table', { name: 'Trail' }).getByText('Remy Roux').waitFor();
    await page.getByText('The hash chain holds.').waitFor();
  });
});

test('where two approvals are needed, the first counts once and the second completes', async () => {
  const { id } = await edition.create({ type: 'contract-by-two', input: CONTRACT, summary: 'Two of us' }, waits);
  const approve = async (page, sentence) => {
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('dialog').getByText(sentence).waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Confirm' }).click();
  };
  await mine('rita', `/acme/review/${id}`, async (page) => {
    await approve(page, '1 more reviewer has to approve');
    await page.getByText('approved by Rita Rossi').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Approve' }).count(), 0);
  });
  await mine('remy', `/acme/review/${id}`, async (page) => {
    await approve(page, 'This is the last approval that is missing.');
    await page.locator('.job-head').getByText('completed', { exact: true }).waitFor();
  });
});

test('a rejection and a request for changes need a note, and what somebody else did meanwhile is told', async () => {
  const one = await edition.create({ type: 'contract-change', input: CONTRACT, summary: 'Sent back' }, waits);
  const other = await edition.create({ type: 'contract-change', input: CONTRACT, summary: 'Turned down' }, waits);
  const page = await open(browser, edition);
  await as(page, edition, 'rita', `/acme/review/${one.id}`);
  const dialog = page.getByRole('dialog');
  await page.getByRole('button', { name: 'Request changes' }).click();
  await dialog.getByText('as attempt 2').waitFor();
  await dialog.getByRole('button', { name: 'Confirm' }).click();
  await dialog.getByRole('alert').waitFor();
  await dialog.getByRole('button', { name: 'Back' }).click();
  await page.getByRole('textbox', { name: 'Note' }).fill('Quote the clause.');
  await page.getByRole('button', { name: 'Request changes' }).click();
  await dialog.getByRole('button', { name: 'Confirm' }).click();
  await page.getByText('The job goes back with your note.').waitFor();

  await page.goto(`${edition.origin}/console/acme/review/${other.id}`);
  await page.getByRole('textbox', { name: 'Note' }).fill('No.');
  await page.getByRole('button', { name: 'Reject' }).click();
  const { digest } = other.review;
  await edition.call('remy', 'POST', `jobs/${other.id}/edit`, { digest, text: 'Another text.' }, { 'if-match': `"${other.version}"` });
  await dialog.getByRole('button', { name: 'Confirm' }).click();
  await dialog.getByRole('alert').getByText(/has moved on|Another result waits/).waitFor();
  await dialog.getByRole('button', { name: 'Back' }).click();
  assert.equal((await edition.job('alice', other.id)).status, 'needs_review');
  await page.getByRole('button', { name: 'Reject' }).click();
  await dialog.getByRole('button', { name: 'Confirm' }).click();
  await page.getByText('The result is rejected.').waitFor();
  assert.equal((await edition.job('alice', other.id)).status, 'canceled');
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('an operator acts on one job and on many, and each says first what it does', async () => {
  const made = [];
  for (const name of ['First', 'Second', 'Third']) made.push(await edition.create({ type: 'research-report', input: 'x', summary: name }, (job) => job.status === 'running'));
  const page = await open(browser, edition);
  await as(page, edition, 'otto', `/acme/jobs/${made[0].id}`);
  const dialog = page.getByRole('dialog');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await dialog.getByText('The job ends for good and never completes.').waitFor();
  await dialog.getByRole('button', { name: 'Confirm' }).click();
  await page.locator('.job-head').getByText('canceled', { exact: true }).waitFor();
  await page.goto(`${edition.origin}/console/acme/jobs?status=running&type=research-report`);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await dialog.getByRole('heading', { name: 'Cancel 2 jobs?' }).waitFor();
  await dialog.getByText('These jobs have cost').waitFor();
  await dialog.getByRole('button', { name: 'Confirm' }).click();
  await dialog.getByText('Done for 2 jobs.').waitFor();
  for (const { id } of made) assert.equal((await edition.job('alice', id)).status, 'canceled');
  assert.deepEqual([page.faults, page.refused], [[], []]);
  await page.context().close();
});
