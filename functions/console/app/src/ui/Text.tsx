// A text of somebody else's: shown as it is, with what cannot be seen made visible, and cut where it is very long.
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';

import { pieces } from '../text/visible';

/** Characters that are shown at first. */
const AT_FIRST = 100_000;

/** A mark after this many characters (not code units) of the text. */
export interface Footnote {
  at: number;
  number: number;
}

interface Props {
  text: string;
  mono?: boolean;
  footnotes?: Footnote[];
}

export function Text({ text, mono = false, footnotes = [] }: Props) {
  const all = useSignal(false);
  const isCut = !all.value && text.length > AT_FIRST;
  const shown = isCut ? cutAt(text, AT_FIRST) : text;
  return (
    <div class={mono ? 'text mono' : 'text'}>
      <div class="text-body" dir="auto">
        {text === '' ? <span class="quiet">Empty</span> : withFootnotes(shown, footnotes)}
      </div>
      {isCut && (
        <p class="cut">
          The first {size(AT_FIRST)} of {size(text.length)}.{' '}
          <button type="button" class="link" onClick={() => (all.value = true)}>
            Show all
          </button>
        </p>
      )}
    </div>
  );
}

/** One line of somebody else's words inside a sentence or a cell. */
export function Marked({ text }: { text: string }) {
  return <bdi>{marked(text)}</bdi>;
}

export function marked(text: string): ComponentChildren {
  const found = pieces(text);
  if (found.length === 1 && !found[0]!.isMark) return text;
  return found.map((piece, index) => (piece.isMark ? <span key={index} class="unseen">{piece.text}</span> : piece.text));
}

function withFootnotes(text: string, footnotes: Footnote[]): ComponentChildren {
  if (footnotes.length === 0) return marked(text);
  const characters = Array.from(text);
  const parts: ComponentChildren[] = [];
  let done = 0;
  for (const note of [...footnotes].sort((one, other) => one.at - other.at)) {
    const at = Math.min(note.at, characters.length);
    if (at > done) parts.push(<span key={`t${done}`}>{marked(characters.slice(done, at).join(''))}</span>);
    parts.push(<sup key={`n${note.number}`} class="footnote">[{note.number}]</sup>);
    done = Math.max(done, at);
  }
  if (done < characters.length) parts.push(<span key={`t${done}`}>{marked(characters.slice(done).join(''))}</span>);
  return parts;
}

/** Not between the two halves of one character. */
function cutAt(text: string, at: number): string {
  const last = text.charCodeAt(at - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? at - 1 : at);
}

export function size(characters: number): string {
  if (characters < 1000) return `${characters} B`;
  if (characters < 1_000_000) return `${Math.round(characters / 1000)} kB`;
  return `${(characters / 1_000_000).toFixed(1)} MB`;
}
