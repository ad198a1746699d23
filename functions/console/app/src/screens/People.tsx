// People: the members of a workspace with their roles, and the trail of what changed about the workspace.
import * as api from '../api/calls';
import type { WorkspaceEvent } from '../api/types';
import { allowedIn, isKnown, me } from '../live/me';
import { useResource } from '../live/resource';
import { path } from '../route';
import { eventInWords } from '../text/words';
import { Digest } from '../ui/Digest';
import { Quiet, Refusal, Waiting } from '../ui/Message';
import { Person } from '../ui/Person';
import { Marked } from '../ui/Text';
import { When } from '../ui/Time';
import { Chain } from './job/TrailTab';

export function People({ workspace }: { workspace: string }) {
  const members = useResource(() => api.members(workspace), [workspace]);
  // Older releases do not say who may; then the answer says it.
  const mayRead = isKnown.value && (allowedIn(workspace)?.includes('read_trail') ?? true);
  return (
    <>
      <h1>People</h1>
      <section aria-labelledby="members">
        <h2 id="members">Members</h2>
        {members.problem.value && <Refusal problem={members.problem.value} />}
        {!members.data.value && !members.problem.value && <Waiting />}
        {members.data.value && (
          <table aria-labelledby="members" class="members">
            <thead><tr><th>Name</th><th>Id</th><th>Roles</th></tr></thead>
            <tbody>
              {members.data.value.map((member) => (
                <tr key={member.principal} class={member.active ? undefined : 'inactive'}>
                  <td>
                    <Marked text={member.name || member.principal} />
                    {member.principal === me.value?.principal && <span class="quiet"> you</span>}
                  </td>
                  <td><code><Marked text={member.principal} /></code></td>
                  <td>{member.active ? member.roles.join(', ') : <span class="quiet">no longer a member</span>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
      {mayRead && <WorkspaceTrail workspace={workspace} />}
    </>
  );
}

function WorkspaceTrail({ workspace }: { workspace: string }) {
  const trail = useResource(() => api.workspaceTrail(workspace), [workspace]);
  const read = trail.data.value;
  return (
    <section aria-labelledby="trail">
      <h2 id="trail">Trail</h2>
      {trail.problem.value?.status === 403 ? <Quiet>Your roles do not read the trail of this workspace.</Quiet> : trail.problem.value && <Refusal problem={trail.problem.value} />}
      {read && (
        <>
          <Chain intact={read.chain_intact} />
          {read.altered.length > 0 && <p class="refusal">Altered: <Marked text={read.altered.join(', ')} /></p>}
          {read.events.length === 0 ? <Quiet>Nothing has been changed yet.</Quiet> : (
            <table aria-labelledby="trail" class="trail">
              <thead><tr><th>Event</th><th>What</th><th>Who</th><th>When</th></tr></thead>
              <tbody>
                {[...read.events].reverse().map((event) => (
                  <tr key={event.version}>
                    <td class="event"><span class="quiet number">{event.version}</span> {eventInWords(event.event)}</td>
                    <td class="to"><What event={event} workspace={workspace} /></td>
                    <td class="who"><Person id={event.actor.id} /></td>
                    <td class="when"><When at={event.at} /></td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </>
      )}
    </section>
  );
}

function What({ event, workspace }: { event: WorkspaceEvent; workspace: string }) {
  if (event.principal) {
    return <><Person id={event.principal} /> <span class="quiet">{event.roles?.join(', ')}</span></>;
  }
  if (event.job_type) {
    const version = String(event.type_version ?? '');
    return (
      <>
        <a href={path(workspace, 'job-types', event.job_type, { version })}><Marked text={event.job_type} /></a>{' '}
        <span class="quiet">version {version}</span> {event.digest && <Digest of={event.digest} />}
      </>
    );
  }
  return <span class="quiet">-</span>;
}
