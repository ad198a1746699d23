// A digest: enough of it to compare by eye, all of it on hover.
export function Digest({ of }: { of: string | null | undefined }) {
  if (!of) return <span class="quiet">none</span>;
  const [kind, hex] = of.includes(':') ? of.split(':', 2) : ['', of];
  return <code class="whole" title={of}>{kind && `${kind}:`}{hex!.slice(0, 10)}…</code>;
}
