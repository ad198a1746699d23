// Links that leave the console: http and https only, with the host in sight.
import { visible } from '../text/visible';
import { Marked } from './Text';

function target(address: string): URL | null {
  try {
    const url = new URL(address);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url : null;
  } catch {
    return null;
  }
}

export function OutLink({ address, title }: { address: string; title?: string | null }) {
  const url = target(address);
  if (!url) return <span><Marked text={title || address} />{title && <> <code><Marked text={address} /></code></>}</span>;
  return (
    <span>
      <a href={url.href} target="_blank" rel="noopener noreferrer" title={visible(url.href)}>
        <Marked text={title || url.pathname} />
      </a>{' '}
      <span class="host">({url.host})</span>
    </span>
  );
}
