// What changes between two texts, marked by colour, sign and name.
import { diffLines, diffWordsWithSpace } from 'diff';
import { useMemo } from 'preact/hooks';

import { marked } from './Text';

/** The longest text, in characters, that is compared and edited here. */
export const LONGEST_EDIT = 200_000;

/** Up to here words are compared, and lines beyond. */
const WORDS = 20_000;
const PATIENCE = 800;

interface Props {
  before: string;
  after: string;
  label: string;
  mono?: boolean;
}

export function Diff({ before, after, label, mono = false }: Props) {
  const parts = useMemo(() => compare(before, after, mono), [before, after]);
  if (before === after) return <p class="quiet">No difference.</p>;
  if (!parts) return <p class="quiet">The two texts differ too much, or are too long, to be compared here.</p>;
  return (
    <div class={mono ? 'diff text-body mono' : 'diff text-body'} role="group" aria-label={label} dir="auto">
      {parts.map((part, index) => {
        if (part.added) return <ins key={index}>{marked(part.value)}</ins>;
        if (part.removed) return <del key={index}>{marked(part.value)}</del>;
        return <Same key={index} text={part.value} isFirst={index === 0} isLast={index === parts.length - 1} />;
      })}
    </div>
  );
}

/** Prose by words, documents by lines. */
function compare(before: string, after: string, mono: boolean) {
  const length = Math.max(before.length, after.length);
  if (length > LONGEST_EDIT) return undefined;
  const words = !mono && length <= WORDS ? diffWordsWithSpace(before, after, { timeout: PATIENCE }) : undefined;
  return words ?? diffLines(before, after, { timeout: PATIENCE });
}

/** Lines that stay around a change; what is between is left out. */
const AROUND = 3;

function Same({ text, isFirst, isLast }: { text: string; isFirst: boolean; isLast: boolean }) {
  const lines = text.split('\n');
  const [above, below] = [isFirst ? 0 : AROUND, isLast ? 0 : AROUND];
  const left = lines.length - above - below;
  if (left < 2 * AROUND) return <span>{marked(text)}</span>;
  return (
    <span>
      {marked(lines.slice(0, above).map((line) => `${line}\n`).join(''))}
      <span class="quiet">⋯ {left} lines the same{isLast ? '' : '\n'}</span>
      {marked(lines.slice(lines.length - below).join('\n'))}
    </span>
  );
}
