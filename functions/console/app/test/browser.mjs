// A browser for the tests: Chromium that is installed already, with violations and errors counted.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const executablePath = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => path && existsSync(path));

export const launch = () => {
  if (!executablePath) throw new Error('No Chromium: install Debian\'s package `chromium`, or name one in CHROMIUM.');
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
};

/** A page of its own, whose violations, errors and foreign requests are kept in `page.faults`, and what was refused in `page.refused`. */
export async function open(browser, fake, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, permissions: ['clipboard-read', 'clipboard-write'], ...options });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  page.faults = [];
  page.refused = [];
  await page.exposeBinding('__violated', (_, what) => page.faults.push(`policy: ${what}`));
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => window.__violated(`${event.violatedDirective} ${event.blockedURI}`));
  });
  page.on('pageerror', (error) => page.faults.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (/Content Security Policy|TrustedHTML|Refused to/i.test(message.text())) page.faults.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    const address = request.url();
    if (!address.startsWith(fake.origin) && !/^(data|blob|about):/.test(address)) page.faults.push(`request: ${address}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) page.refused.push(`${response.status()} ${response.request().method()} ${new URL(response.url()).pathname}`);
  });
  return page;
}

/** Opens a screen as somebody; the login comes by itself. */
export async function as(page, fake, person, path = '') {
  await page.goto(`${fake.origin}/console${path}`);
  await page.getByRole('heading', { name: 'Who are you?' }).waitFor();
  await page.getByRole('button', { name: person, exact: true }).click();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
  return page;
}
