// What holds of every screen: the names of its buttons, what axe finds, and its width.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

/** A script of the test for `addInitScript`: the page's policy is about scripts of the page. */
export const axe = await readFile(new URL('../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');

export const NAMES = ['Approve', 'Edit', 'Reject', 'Request changes', 'Cancel', 'Retry', 'Escalate', 'Archive', 'Sign out'];

/** No button but an action has an action's word in its name. */
export async function goodButtons(page, where) {
  const all = await page.getByRole('button').evaluateAll((found) => found.map((one) => (one.getAttribute('aria-label') ?? one.textContent).trim()));
  for (const name of new Set(all)) {
    if (NAMES.includes(name)) continue;
    assert.ok(!NAMES.some((word) => name.toLowerCase().includes(word.toLowerCase())), `${where}: the button "${name}"`);
  }
}

/** axe finds nothing serious. */
export async function goodForAll(page, where) {
  const found = await page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
    return violations.filter((one) => ['serious', 'critical'].includes(one.impact)).map((one) => `${one.id}: ${one.nodes[0].html.slice(0, 160)} ${one.nodes[0].failureSummary}`);
  });
  assert.deepEqual(found, [], where);
}

export async function fits(page, where) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(over <= 0, `${where} is ${over} px too wide`);
}
