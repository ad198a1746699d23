// The audit trail of a job: who moved it from where to where, when and why, and whether the chain holds.
import type { JobEvent, Note, Trail } from '../../api/types';
import type { Resource } from '../../live/resource';
import { causeInWords, eventInWords, plain } from '../../text/words';
import { Digest } from '../../ui/Digest';
import { Refusal, Waiting } from '../../ui/Message';
import { Person } from '../../ui/Person';
import { Marked, Text } from '../../ui/Text';
import { When } from '../../ui/Time';

export function TrailTab({ trail }: { trail: Resource<Trail> }) {
  if (trail.problem.value) return <Refusal problem={trail.problem.value} />;
  const read = trail.data.value;
  if (!read) return <Waiting />;
  return (
    <>
      <Chain intact={read.chain_intact} />
      <table class="trail" aria-label="Trail">
        <thead><tr><th>Event</th><th>State after</th><th>Who</th><th>When</th><th>Details</th></tr></thead>
        <tbody>{read.events.map((event) => <Row key={event.version} event={event} />)}</tbody>
      </table>
    </>
  );
}

export function Chain({ intact }: { intact: boolean }) {
  return intact ? (
    <p class="quiet">The trail is whole and unaltered. The hash chain holds.</p>
  ) : (
    <p class="refusal">The hash chain does not hold: the trail or a row has been altered, or cannot be read. An auditor has to look.</p>
  );
}

function Row({ event }: { event: JobEvent }) {
  const note = noteOf(event);
  const error = event.provider_error;
  return (
    <tr>
      <td class="event"><span class="quiet number">{event.version}</span> {eventInWords(event.event)}</td>
      <td class="to">{plain(event.to.status)}{event.to.phase && <span class="quiet"> {plain(event.to.phase)}</span>}</td>
      <td class="who"><Person id={event.actor.id} />{event.actor.kind === 'system' && <span class="quiet"> {causeInWords(event.cause)}</span>}</td>
      <td class="when"><When at={event.at} /></td>
      <td class="details">
        {event.attempt > 1 && <span>attempt {event.attempt} </span>}
        {event.reason && <span>{plain(event.reason)} </span>}
        {event.on_behalf_of && <span>for <Person id={event.on_behalf_of} /> </span>}
        {event.response_id && <code><Marked text={shortened(event.response_id)} /> </code>}
        {event.orphan_response_id && <span>orphan <code><Marked text={shortened(event.orphan_response_id)} /></code> </span>}
        {error && <code><Marked text={[error.type, error.code].filter(Boolean).join(' / ')} /> </code>}
        {event.digest && <Digest of={event.digest} />}
        {note && <div class="note"><Text text={note.text} />{note.author && note.author !== event.actor.id && <span class="quiet"><Person id={note.author} /></span>}</div>}
      </td>
    </tr>
  );
}

const noteOf = ({ note }: JobEvent): Note | null => (typeof note === 'string' ? { text: note } : (note ?? null));

const shortened = (id: string): string => (id.length > 24 ? `${id.slice(0, 24)}…` : id);
