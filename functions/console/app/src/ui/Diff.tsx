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
  by?: 'words' | 'lines';
}

export function Diff({ before, after, label, by = 'words' }: Props) {
  const parts = useMemo(() => compare(before, after, by), [before, after, by]);
  if (before === after) return <p class="quiet">No difference.</p>;
  if (!parts) return <p class="quiet">The two texts differ too much, or are too long, to be compared here.</p>;
  return (
    <div class="diff text-body" role="group" aria-label={label} dir="auto">
      {parts.map((part, index) => {
        if (part.added) return <ins key={index}>{marked(part.value)}</ins>;
        if (part.removed) return <del key={index}>{marked(part.value)}</del>;
        return <span key={index}>{marked(shortened(part.value))}</span>;
      })}
    </div>
  );
}

function compare(before: string, after: string, by: 'words' | 'lines') {
  const length = Math.max(before.length, after.length);
  if (length > LONGEST_EDIT) return undefined;
  const words = by === 'words' && length <= WORDS ? diffWordsWithSpace(before, after, { timeout: PATIENCE }) : undefined;
  return words ?? diffLines(before, after, { timeout: PATIENCE });
}

/** Long stretches without a change are left out. */
const AROUND = 400;

function shortened(text: string): string {
  if (text.length <= 3 * AROUND) return text;
  return `${text.slice(0, AROUND)}\n⋯ ${text.length - 2 * AROUND} characters the same ⋯\n${text.slice(-AROUND)}`;
}
