// What was asked: a text, or messages with their parts. Nothing in it is loaded or run.
import type { Problem } from '../api/client';
import { plain } from '../text/words';
import { Quiet, Refusal } from './Message';
import { exactly } from './ResultParts';
import { Marked, size, Text } from './Text';

type Part = Record<string, unknown>;

/** Releases without the route answer 404 without a code. */
export function NoInput({ problem }: { problem: Problem }) {
  if (problem.status === 404 && !problem.code) return <Quiet>This release of the API does not give the input out.</Quiet>;
  return <Refusal problem={problem} />;
}

export function InputParts({ input }: { input: unknown }) {
  if (typeof input === 'string') return <Text text={input} />;
  if (!Array.isArray(input)) return <Text mono text={exactly(input)} />;
  return (
    <>
      {input.map((item: unknown, index) => (
        <Message key={index} item={item} />
      ))}
    </>
  );
}

function Message({ item }: { item: unknown }) {
  const message = item as Part | null;
  const content = message?.content;
  const parts = typeof content === 'string' ? [{ type: 'input_text', text: content }] : Array.isArray(content) ? content : null;
  if (!message || !parts) return <Text mono text={exactly(item)} />;
  return (
    <div class="message">
      <p class="quiet"><Marked text={String(message.role ?? 'message')} /></p>
      {parts.map((part: Part, index) => <Content key={index} part={part} />)}
    </div>
  );
}

function Content({ part }: { part: Part }) {
  if (typeof part?.text === 'string') return <Text text={part.text} />;
  const kind = String(part?.type ?? 'part');
  const data = [part?.image_url, part?.file_data, part?.file_url].find((value) => typeof value === 'string') as string | undefined;
  if (!data) return <Text mono text={exactly(part)} />;
  const name = typeof part.filename === 'string' ? part.filename : plain(kind.replace(/^input_/, ''));
  const media = /^data:([^;,]{1,80})[;,]/.exec(data)?.[1];
  return (
    <p class="attachment">
      <Marked text={name} /> <span class="quiet">{media ? <><Marked text={media} />, {size(Math.round(data.length * 0.75))}, not shown here</> : <Marked text={data} />}</span>
    </p>
  );
}
