// What the API refused, and what is not there, each in a calm sentence.
import type { ComponentChildren } from 'preact';

import type { Problem } from '../api/client';
import { refusalInWords } from '../text/words';
import { Marked } from './Text';

export function Refusal({ problem, words }: { problem: Problem; words?: string }) {
  const errors = problem.body.errors ?? [];
  return (
    <div class="refusal" role="alert">
      <p>
        <Marked text={words ?? refusalInWords(problem.code, problem.message)} />
      </p>
      {errors.length > 0 && (
        <ul>
          {errors.map((error, index) => (
            <li key={index}><code><Marked text={error.field} /></code> <Marked text={error.message} /></li>
          ))}
        </ul>
      )}
      <p class="quiet">
        {problem.status}
        {problem.code && <> · <code>{problem.code}</code></>}
        {problem.body.request_id && <> · request <code>{problem.body.request_id}</code></>}
      </p>
    </div>
  );
}

export const Quiet = ({ children }: { children: ComponentChildren }) => <p class="quiet">{children}</p>;

/** Space that is kept while the first answer is on its way. */
export const Waiting = () => <p class="quiet waiting">Reading…</p>;
