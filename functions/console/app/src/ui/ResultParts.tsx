// A result in its typed parts: text with footnotes, calls of tools with their exact arguments, files, and the rest.
import type { Citation, MadeFile, Result, ToolCall } from '../api/types';
import { plain } from '../text/words';
import { OutLink } from './Link';
import { Marked, size, Text, type Footnote } from './Text';

/** `isEdited`: the text stands above, in a field. */
export function ResultParts({ result, text, isEdited = false }: { result: Result; text: string; isEdited?: boolean }) {
  const notes = result.citations.flatMap((citation, index): Footnote[] =>
    citation.end === null ? [] : [{ at: Number(citation.end), number: index + 1 }],
  );
  const hasOther = result.refusals.length + result.tool_calls.length + result.files.length > 0;
  return (
    <div class="result">
      {result.partial && <p class="warning">This result is partial: the run ended before it was done.</p>}
      {!isEdited && (text !== '' || !hasOther) && <Text text={text} footnotes={notes} />}
      {result.citations.length > 0 && <Citations citations={result.citations} />}
      {result.refusals.map((refusal, index) => (
        <section key={index}><h3>The model refused</h3><Text text={refusal} /></section>
      ))}
      {result.tool_calls.length > 0 && (
        <section>
          <h3>Tool calls</h3>
          {result.tool_calls.map((call, index) => (
            <Called key={index} call={call} />
          ))}
        </section>
      )}
      {result.files.length > 0 && <Files files={result.files} />}
      {result.commentary.length > 0 && (
        <details>
          <summary>Said on the way ({result.commentary.length})</summary>
          {result.commentary.map((said, index) => (
            <div key={index}><p class="quiet"><Marked text={said.phase} /></p><Text text={said.text} /></div>
          ))}
        </details>
      )}
      {result.reviewer_notes.length > 0 && (
        <section>
          <h3>Reviewers' notes</h3>
          {result.reviewer_notes.map((note, index) => <Text key={index} text={note} />)}
        </section>
      )}
      {result.unknown_items.length > 0 && (
        <p class="warning">
          Parts that this release cannot show: <Marked text={result.unknown_items.join(', ')} />. The raw answer has them.
        </p>
      )}
    </div>
  );
}

/** The arguments stand as they were sent, letter for letter; what else a call says stands before them. */
function Called({ call }: { call: ToolCall }) {
  const { arguments: sent, ...others } = (call.input ?? {}) as Record<string, unknown>;
  const isSplit = typeof sent === 'string' && Object.values(others).every((value) => typeof value === 'string');
  return (
    <div class="tool-call">
      <p>
        <code><Marked text={call.kind} /></code>{' '}
        {isSplit && Object.entries(others).map(([name, value]) => (
          <span key={name}><span class="quiet">{plain(name)}</span> <code><Marked text={String(value)} /></code> </span>
        ))}
        <span class={call.outcome === 'pending' ? 'warning' : 'quiet'}><Marked text={call.outcome ?? 'no outcome told'} /></span>
      </p>
      <Text mono text={isSplit ? sent : exactly(call.input)} />
    </div>
  );
}

/** A text as it is, anything else as JSON. */
export function exactly(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}

function Citations({ citations }: { citations: Citation[] }) {
  return (
    <section>
      <h3>Citations</h3>
      <ol class="citations">
        {citations.map((citation, index) => (
          <li key={index}>
            {citation.source ? (
              <OutLink address={citation.source} title={citation.title} />
            ) : (
              <Marked text={citation.title ?? citation.kind} />
            )}
            {citation.text && <q class="quiet"><Marked text={shortened(citation.text)} /></q>}
          </li>
        ))}
      </ol>
    </section>
  );
}

const shortened = (text: string): string => (text.length > 160 ? `${text.slice(0, 160)}…` : text);

function Files({ files }: { files: MadeFile[] }) {
  return (
    <section>
      <h3>Files</h3>
      <ul class="files">
        {files.map((file, index) => (
          <li key={index}>
            <Marked text={file.name ?? file.kind} />{' '}
            <span class="quiet">
              <Marked text={[file.media_type, file.bytes === null ? null : size(Number(file.bytes))].filter(Boolean).join(', ')} />
            </span>
            {file.url && <> <OutLink address={file.url} title={file.name} /></>}
            {file.sha256 && <> <code title={file.sha256}>sha256:{file.sha256.slice(0, 12)}…</code></>}
            {file.file_id && <> <code><Marked text={file.file_id} /></code></>}
          </li>
        ))}
      </ul>
    </section>
  );
}
