// An instant: relative, and UTC on hover.
import { local, now, relative, utc } from '../text/time';

export function Ago({ at }: { at: string }) {
  return (
    <time dateTime={at} title={utc(at)}>
      {relative(at, now.value)}
    </time>
  );
}

/** Relative and in the browser's zone, where there is room for both. */
export function When({ at }: { at: string }) {
  return (
    <time dateTime={at} title={utc(at)}>
      {relative(at, now.value)}
      <span class="quiet"> · {local(at)}</span>
    </time>
  );
}
