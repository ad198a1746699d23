// Dollars: exact decimal strings, added up without rounding.
import type { Cost } from '../api/types';

const PLACES = 12;
const ONE = 10n ** BigInt(PLACES);

export function pico(usd: string): bigint {
  const [, sign = '', whole = '0', part = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(usd) ?? [];
  const value = BigInt(whole) * ONE + BigInt(part.slice(0, PLACES).padEnd(PLACES, '0'));
  return sign ? -value : value;
}

export function decimal(value: bigint): string {
  const part = (value % ONE).toString().padStart(PLACES, '0').replace(/0+$/, '').padEnd(2, '0');
  return `${value / ONE}.${part}`;
}

export const sum = (costs: Cost[]): bigint => costs.reduce((total, cost) => total + pico(cost.usd), 0n);

/** Every digit that counts. */
export const exact = (usd: string): string => `$${decimal(pico(usd))}`;

/** Four places, so that a column lines up. */
export function short(usd: string): string {
  const value = pico(usd);
  if (value === 0n) return '$0';
  const unit = ONE / 10_000n;
  const rounded = (value + unit / 2n) / unit;
  return rounded === 0n ? '<$0.0001' : `$${rounded / 10_000n}.${(rounded % 10_000n).toString().padStart(4, '0')}`;
}

const SIGNS: Record<string, string> = { known: '', estimated: '≈', unknown: '≥' };
const WORDS: Record<string, string> = { known: '', estimated: 'about ', unknown: 'at least ' };

export const sign = (cost: Cost): string => SIGNS[cost.state] ?? '?';

export const inWords = (cost: Cost): string => `${WORDS[cost.state] ?? ''}${exact(cost.usd)}`;

/** Of many jobs: as sure as the least sure of them. */
export function totalInWords(costs: Cost[]): string {
  const states = costs.map((cost) => cost.state);
  const state = states.find((word) => word !== 'known' && word !== 'estimated') ?? states.find((word) => word !== 'known');
  return `${state ? (WORDS[state] ?? 'at least ') : ''}$${decimal(sum(costs))}`;
}
