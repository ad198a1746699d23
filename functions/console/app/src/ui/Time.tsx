// An instant: relative, and UTC on hover.
import { calm, local, now, relative, utc } from '../text/time';

export function Ago({ at }: { at: string }) {
  return (
    <time dateTime={at} title={utc(at)}>
      {relative(at, now.value)}
    </time>
  );
}

/** How old something is, for a narrow column. */
export function Age({ at }: { at: string }) {
  return (
    <time dateTime={at} title={utc(at)}>
      {calm((now.value - Date.parse(at)) / 1000)}
    </time>
  );
}

/** Relative and in the browser's zone, where there is room for both. */
export function When({ at }: { at: string }) {
  return (
    <time dateTime={at} title={utc(at)}>
      <span class="whole">{relative(at, now.value)}</span> <span class="quiet whole"><span class="dot">· </span>{local(at)}</span>
    </time>
  );
}
