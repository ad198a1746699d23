// Pictures of five screens as they are: small WebP files. `npm run pictures` puts those of the README in its folder.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { as, launch, open } from '../browser.mjs';
import { CONTRACT, jobs, PLANS, settle } from './company.mjs';
import { serve } from './local.mjs';

const MOST = 150_000;
/** Where the two of the README go; all five go to CONSOLE_SHOTS. Without either, nothing is left behind. */
const { CONSOLE_PICTURES: committed, CONSOLE_SHOTS: kept } = process.env;
const COMMITTED = ['jobs', 'review'];

let browser;
let edition;
let made;
let folder;

before(async () => {
  edition = await serve(PLANS);
  await settle(edition);
  made = await jobs(edition);
  const more = ['Framework contract, annex 2', 'Minutes of the board, September', 'Offer of the second bidder', 'Warranty terms, draft 4', 'Insurance policy, renewal'];
  for (const summary of more) await edition.create({ type: 'document-analysis', input: CONTRACT, summary, tags: { team: 'legal' } }, (job) => job.status === 'completed');
  folder = kept ?? (await mkdtemp(join(tmpdir(), 'lanekeeper-pictures-')));
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await edition?.stop();
  if (!kept && folder) await rm(folder, { recursive: true });
});

const SCREENS = () => ({
  attention: ['/acme/attention', (page) => page.getByRole('link', { name: 'Open review' }).first()],
  jobs: ['/acme/jobs', (page) => page.getByRole('table', { name: 'Jobs' })],
  job: [`/acme/jobs/${made.completed.id}?tab=trail`, (page) => page.getByRole('table', { name: 'Trail' })],
  review: [`/acme/review/${made.change.id}`, (page) => page.getByRole('button', { name: 'Approve' })],
  types: ['/acme/job-types/contract-change', (page) => page.getByText('Every result waits for a reviewer.')],
});

for (const [mode, options] of [
  ['', {}],
  ['-dark', { colorScheme: 'dark' }],
  ['-narrow', { viewport: { width: 375, height: 740 } }],
]) {
  test(`five screens${mode}`, async () => {
    const page = await open(browser, edition, { viewport: { width: 1280, height: 640 }, deviceScaleFactor: 1.5, ...options });
    await as(page, edition, 'rita');
    const session = await page.context().newCDPSession(page);
    for (const [name, [path, shown]] of Object.entries(SCREENS())) {
      await page.goto(`${edition.origin}/console${path}`);
      await shown(page).waitFor();
      await page.waitForLoadState('networkidle');
      await page.evaluate(() => document.activeElement?.blur());
      const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 80 });
      const picture = Buffer.from(data, 'base64');
      assert.ok(picture.length > 5000 && picture.length <= MOST, `${name}${mode}: ${picture.length} bytes`);
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, `${name}${mode}.webp`), picture);
      if (committed && mode === '' && COMMITTED.includes(name)) {
        await mkdir(committed, { recursive: true });
        await writeFile(join(committed, `${name}.webp`), picture);
      }
    }
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });
}
