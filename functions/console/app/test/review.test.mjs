// The approval story by two people, each wrong person finding the button gone, and an edit with its difference.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { as, launch, open } from './browser.mjs';
import { start } from './fake/server.mjs';

let browser;
let fake;
const job = (summary) => fake.world.jobs.find((one) => one.row.input_summary.startsWith(summary));
const id = (summary) => job(summary).row.id;

before(async () => {
  fake = await start({ jobs: 10 });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await fake?.close();
});

test('from the attention list to completed, by two people', async () => {
  const rita = await open(browser, fake);
  await as(rita, fake, 'rita');
  const waiting = rita.getByRole('table', { name: 'Waiting for review' });
  await waiting.getByRole('row').filter({ hasText: 'Supply agreement' }).getByRole('link', { name: 'Open review' }).click();
  await rita.getByRole('heading', { name: 'Review', level: 1 }).waitFor();
  await rita.getByRole('region', { name: 'Input' }).getByText('Norden Instruments and Halle Optics').waitFor();
  await rita.getByText('2 approvals', { exact: true }).waitFor();

  // She writes another text, sees what changes, and may no longer approve it herself.
  await rita.getByRole('button', { name: 'Edit' }).click();
  assert.equal(await rita.getByRole('button', { name: 'Edit' }).count(), 0);
  assert.equal(await rita.getByRole('button', { name: 'Approve' }).count(), 0);
  const text = rita.getByRole('textbox').first();
  await text.fill((await text.inputValue()).replace('Three points need', 'Four\u202e points need'));
  await rita.getByRole('group', { name: 'Difference' }).getByText('Four').waitFor();
  await rita.getByRole('group', { name: 'Difference' }).getByText('‹U+202E›').waitFor();
  await text.fill((await text.inputValue()).replace('\u202e', ''));
  await rita.getByRole('textbox', { name: 'Note' }).fill('There are four.');
  await rita.getByRole('button', { name: 'Save' }).click();
  await rita.getByRole('region', { name: 'Proposed result' }).getByText('Four points need').waitFor();
  await rita.getByRole('button', { name: 'Reject' }).waitFor();
  assert.equal(await rita.getByRole('button', { name: 'Approve' }).count(), 0);
  assert.deepEqual(rita.faults, []);
  await rita.context().close();

  // The other reviewer approves it. One more is needed, and he cannot be that one.
  const remy = await open(browser, fake);
  await as(remy, fake, 'remy', `/acme/review/${id('Supply')}`);
  await remy.getByRole('textbox', { name: 'Note' }).fill('Agreed.');
  await remy.getByRole('button', { name: 'Approve' }).click();
  const dialog = remy.getByRole('dialog');
  await dialog.getByText('1 more reviewer has to approve').waitFor();
  await dialog.getByText('Agreed.').waitFor();
  await dialog.getByRole('button', { name: 'Confirm' }).click();
  await remy.getByText('approved by Remy Roux').waitFor();
  assert.equal(await remy.getByRole('button', { name: 'Approve' }).count(), 0);
  job('Supply').row.review.approved_by = ['somebody'];
  await remy.reload();
  await remy.getByRole('button', { name: 'Approve' }).click();
  await dialog.getByText('This is the last approval that is missing.').waitFor();
  await dialog.getByRole('button', { name: 'Confirm' }).click();
  await remy.getByText('completed', { exact: true }).waitFor();
  await remy.getByRole('link', { name: 'Next one' }).click();
  await remy.getByText('support-reply-draft').first().waitFor();
  assert.equal(job('Supply').row.status, 'completed');
  assert.deepEqual(remy.faults, []);
  await remy.context().close();
});

test('back changes nothing, and a rejection says what is missing', async () => {
  const page = await open(browser, fake);
  await as(page, fake, 'rita', `/acme/review/${id('Parcel')}`);
  await page.getByRole('button', { name: 'Reject' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Back' }).click();
  assert.equal(await page.getByRole('dialog').count(), 0);
  assert.equal(job('Parcel').row.status, 'needs_review');
  await page.getByRole('button', { name: 'Reject' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Confirm' }).click();
  await page.getByRole('dialog').getByRole('alert').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Back' }).click();
  await page.getByRole('textbox', { name: 'Note' }).fill('Too long.');
  await page.getByRole('button', { name: 'Request changes' }).click();
  await page.getByRole('dialog').getByText('as attempt 2').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Confirm' }).click();
  await page.getByText('The job goes back with your note.').waitFor();
  assert.equal(job('Parcel').row.status, 'queued');
  await page.context().close();
});

test('what somebody else has changed meanwhile is not decided about unread', async () => {
  const page = await open(browser, fake);
  await as(page, fake, 'rita', `/acme/review/${id('Note on')}`);
  await page.getByRole('button', { name: 'Approve' }).waitFor();
  job('Note on').row.version += 1;
  await page.getByRole('button', { name: 'Approve' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Confirm' }).click();
  await page.getByRole('alert').getByText('The job has moved on since you looked at it.').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Confirm' }).count(), 0);
  await page.getByRole('button', { name: 'Back' }).click();
  assert.equal(job('Note on').row.status, 'needs_review');
  await page.context().close();
});

test('evidence is shown: footnotes, hosts, exact arguments', async () => {
  const page = await open(browser, fake);
  await as(page, fake, 'rita', `/acme/review/${id('Note on')}`);
  const result = page.getByRole('region', { name: 'Proposed result' });
  await result.getByText('[1]').first().waitFor();
  const link = result.getByRole('link', { name: 'Halle (Saale)' });
  assert.equal(await link.getAttribute('href'), 'https://encyclopedia.example/halle?utm_source=x');
  assert.match(await link.getAttribute('rel'), /noopener/);
  await result.getByText('(encyclopedia.example)').waitFor();
  assert.equal(await result.getByRole('link', { name: 'A trap' }).count(), 0);
  await result.getByText('{"account": 10000000000000000001, "amount": 1.10, "to": "DE02"}').waitFor();
  await result.getByText('‹U+202E›').waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});
