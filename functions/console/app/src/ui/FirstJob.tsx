// What an empty workspace says: how its first job is created.
import { allowedIn } from '../live/me';
import { copy } from './Copy';

export function FirstJob({ workspace }: { workspace: string }) {
  const command = [
    `export API=${location.origin}`,
    'export TOKEN=   # an access token of somebody who may create jobs here',
    `curl -s "$API/v1/workspaces/${workspace}/jobs" -H "authorization: Bearer $TOKEN" \\`,
    `  -d '{"type": "document-analysis", "input": "The parties agree to meet on Monday."}'`,
  ].join('\n');
  const mayNot = allowedIn(workspace)?.includes('create_job') === false;
  return (
    <section class="first" aria-labelledby="first-job">
      <h2 id="first-job">This workspace has no jobs yet</h2>
      <p>A product's backend creates jobs over the API. The console shows them from the first moment.</p>
      {mayNot && <p>You may not create jobs here yourself. Whoever may can use this command:</p>}
      <pre tabIndex={0}>{command}</pre>
      <button type="button" onClick={() => copy(command, 'The command is')}>Copy command</button>
    </section>
  );
}
