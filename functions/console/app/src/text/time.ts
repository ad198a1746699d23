// Times: relative on the screen, exact on hover.
import { signal } from '@preact/signals';

/** The present, moved on while somebody looks. */
export const now = signal(Date.now());

const EVERY = 5000;

export function tick(): void {
  setInterval(() => {
    if (!document.hidden) now.value = Date.now();
  }, EVERY);
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) now.value = Date.now();
  });
}

const UNITS: [number, string][] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
  [1, 's'],
];

/** A length of time in its largest unit, with the next one where the first is small: `1 h 20 min`. */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  for (const [index, [size, unit]] of UNITS.entries()) {
    if (whole < size) continue;
    const count = Math.floor(whole / size);
    const next = UNITS[index + 1];
    const rest = next ? Math.floor((whole - count * size) / next[0]) : 0;
    return next && count < 3 && rest > 0 ? `${count} ${unit} ${rest} ${next[1]}` : `${count} ${unit}`;
  }
  return '0 s';
}

/** Without the seconds from a minute on: what nobody waits for does not tick. */
export const calm = (seconds: number): string => span(seconds < 60 ? seconds : seconds - (seconds % 60));

/** A length of time in words, exactly: `1 hour`, `90 minutes`. */
export function spanInWords(seconds: number): string {
  const units: [number, string][] = [[86_400, 'day'], [3_600, 'hour'], [60, 'minute'], [1, 'second']];
  const [size, unit] = units.find(([size]) => seconds >= size && seconds % size === 0) ?? [1, 'second'];
  const count = seconds / size;
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

export function relative(at: string, present: number): string {
  const seconds = (present - Date.parse(at)) / 1000;
  if (Number.isNaN(seconds)) return at;
  if (Math.abs(seconds) < 5) return 'now';
  return seconds < 0 ? `in ${calm(-seconds)}` : `${calm(seconds)} ago`;
}

const LOCAL = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
const WITH_YEAR = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
const CLOCK = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

/** The time in the browser's zone; the year where it is another. */
export function local(at: string): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? at : (date.getFullYear() === new Date().getFullYear() ? LOCAL : WITH_YEAR).format(date);
}

export const clock = (at: number): string => CLOCK.format(at);

/** The same instant in UTC, as it stands in the API. */
export function utc(at: string): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? at : date.toISOString().replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC');
}
