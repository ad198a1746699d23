// Text, time and money: what people read must be what is there.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { load } from './modules.mjs';

test('what cannot be seen is marked, and the rest stays as it is', async () => {
  const { visible, pieces, unseenCount } = await load('text/visible.ts');
  assert.equal(visible('a\u202eb'), 'a‹U+202E›b');
  assert.equal(visible('\u200b\u00ad\u2066\u{e0041}\u3164\ufeff\u2028'), '‹U+200B›‹U+00AD›‹U+2066›‹U+E0041›‹U+3164›‹U+FEFF›‹U+2028›');
  assert.equal(visible('tab\tline\nend\r\n'), 'tab\tline\nend\r\n');
  assert.equal(visible('a\rb\u0007\ud800'), 'a‹U+000D›b‹U+0007›‹U+D800›');
  for (const harmless of ['👨‍👩‍👧 ❤️ 1️⃣ שלום سلام', 'plain text, ümlaut, 漢字', '']) assert.equal(visible(harmless), harmless);
  assert.equal(visible('a\u200db\ufe0f'), 'a‹U+200D›b‹U+FE0F›', 'a joiner between letters joins nothing');
  assert.deepEqual(pieces('x\u202ey').map((piece) => piece.isMark), [false, true, false]);
  assert.equal(unseenCount('\u202e\u202c'), 2);
});

test('money is added up digit by digit', async () => {
  const { exact, short, totalInWords, inWords } = await load('text/money.ts');
  assert.equal(exact('0.000719'), '$0.000719');
  assert.equal(exact('2.500000'), '$2.50');
  assert.equal(exact('0.000000000001'), '$0.000000000001');
  assert.equal(short('0.000719'), '$0.0007');
  assert.equal(short('0.000001'), '<$0.0001');
  assert.equal(short('0.000000'), '$0');
  assert.equal(short('12.34995'), '$12.3500');
  const known = (usd) => ({ usd, state: 'known' });
  assert.equal(totalInWords([known('0.1'), known('0.2')]), '$0.30');
  assert.equal(totalInWords([known('0.1'), { usd: '0.2', state: 'estimated' }]), 'about $0.30');
  assert.equal(totalInWords([{ usd: '0.2', state: 'estimated' }, { usd: '0', state: 'unknown' }]), 'at least $0.20');
  assert.equal(inWords({ usd: '1', state: 'unknown' }), 'at least $1.00');
});

test('times are short and right', async () => {
  const { span, spanInWords, relative, utc } = await load('text/time.ts');
  assert.deepEqual([0, 59, 61, 3600, 4800, 86_400 * 2 + 3600 * 5, 86_400 * 40].map(span), ['0 s', '59 s', '1 min 1 s', '1 h', '1 h 20 min', '2 d 5 h', '40 d']);
  assert.deepEqual([60, 5400, 86_400, 45].map(spanInWords), ['1 minute', '90 minutes', '1 day', '45 seconds']);
  const at = '2026-11-30T20:00:00.000Z';
  assert.equal(relative(at, Date.parse(at) + 60_000), '1 min ago');
  assert.equal(relative(at, Date.parse(at) - 7_200_000), 'in 2 h');
  assert.equal(relative('nonsense', 0), 'nonsense');
  assert.equal(utc(at), '2026-11-30 20:00:00 UTC');
});
