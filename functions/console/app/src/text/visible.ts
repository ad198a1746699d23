// Text as it really is: bidi controls and invisible characters become marks that can be seen.

export interface Piece {
  text: string;
  isMark: boolean;
}

/**
 * Format characters (bidi controls, zero widths, tags), controls but tab and line feed, separators, halves of surrogate
 * pairs, and letters and fillers that show nothing.
 */
const UNSEEN =
  /[\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u0000-\u0008\u000b-\u001f\u007f-\u009f\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/gu;

const PICTURE = /\p{Extended_Pictographic}|\p{Emoji_Component}/u;

export function mark(character: string): string {
  return `‹U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}›`;
}

/** Splits a text into what is seen as it stands and the marks of what is not. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let done = 0;
  for (const match of text.matchAll(UNSEEN)) {
    if (isHarmless(text, match.index, match[0])) continue;
    if (match.index > done) found.push({ text: text.slice(done, match.index), isMark: false });
    found.push({ text: mark(match[0]), isMark: true });
    done = match.index + match[0].length;
  }
  if (done < text.length || found.length === 0) found.push({ text: text.slice(done), isMark: false });
  return found;
}

/** The same in one string, for cells, titles and names. */
export function visible(text: string | null | undefined): string {
  if (!text) return '';
  return text.replace(UNSEEN, (character, ...rest) => {
    const offset = rest.find((value): value is number => typeof value === 'number') ?? 0;
    return isHarmless(text, offset, character) ? character : mark(character);
  });
}

export const unseenCount = (text: string): number => pieces(text).filter((piece) => piece.isMark).length;

/** The two characters that join or colour an emoji, where they do nothing else, and the end of a line in two characters. */
function isHarmless(text: string, at: number, character: string): boolean {
  if (character === '\r') return text[at + 1] === '\n';
  if (character !== '\u200d' && character !== '\ufe0f') return false;
  const before = characterBefore(text, at);
  if (character === '\ufe0f') return PICTURE.test(before);
  const after = String.fromCodePoint(text.codePointAt(at + 1) ?? 0);
  return (before === '\ufe0f' || PICTURE.test(before)) && /\p{Extended_Pictographic}/u.test(after);
}

function characterBefore(text: string, at: number): string {
  const low = text.charCodeAt(at - 1);
  const isPair = low >= 0xdc00 && low <= 0xdfff;
  return text.slice(isPair ? at - 2 : at - 1, at);
}
