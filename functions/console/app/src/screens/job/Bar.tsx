// Whose time it was: queue, provider, ours and review as a bar with seconds.
import type { Seconds } from '../../api/types';
import { span } from '../../text/time';

const OWNERS: readonly (keyof Seconds)[] = ['queue', 'provider', 'ours', 'review'];

const precise = (seconds: number): string => (seconds < 60 ? `${Number(seconds.toFixed(1))} s` : span(seconds));

export function Bar({ seconds }: { seconds: Seconds }) {
  const total = OWNERS.reduce((sum, owner) => sum + seconds[owner], 0);
  let start = 0;
  return (
    <figure class="bar" aria-label="Time by owner">
      <svg viewBox="0 0 1000 8" preserveAspectRatio="none" height="8" aria-hidden="true">
        <rect class="rest" width="1000" height="8" />
        {OWNERS.map((owner) => {
          const width = total > 0 ? (1000 * seconds[owner]) / total : 0;
          const x = start;
          start += width;
          return <rect key={owner} class={owner} x={x} width={width} height="8" />;
        })}
      </svg>
      <figcaption>
        {OWNERS.map((owner) => (
          <span key={owner} class="share">
            <svg viewBox="0 0 8 8" width="8" height="8" aria-hidden="true"><rect class={owner} width="8" height="8" /></svg>{' '}
            {owner} <span class="number">{precise(seconds[owner])}</span>
          </span>
        ))}
      </figcaption>
    </figure>
  );
}
