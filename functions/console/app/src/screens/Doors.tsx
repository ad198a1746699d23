// The pages around a login: coming back, being signed out, a login that failed, and having no workspace.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

import { finishLogin, login, loginFailure, words } from '../auth/login';
import { askNextTime } from '../auth/session';
import { me } from '../live/me';
import { BASE, go, path } from '../route';
import { CopyId } from '../ui/Copy';
import { Marked } from '../ui/Text';

export function Callback({ onDone }: { onDone: () => void }) {
  const problem = useSignal<string | null>(null);
  useEffect(() => {
    finishLogin().then(
      (page) => {
        go(page, { replace: true });
        onDone();
      },
      (failure: unknown) => {
        problem.value = words(failure);
      },
    );
  }, []);
  return problem.value ? <LoginFailed why={problem.value} page={BASE} /> : <main class="door"><p class="quiet">Logging in…</p></main>;
}

export function LoginFailed({ why, page }: { why: string; page: string }) {
  const again = () => {
    loginFailure.value = null;
    login(page).catch((failure: unknown) => {
      loginFailure.value = words(failure);
    });
  };
  return (
    <main class="door">
      <h1>Login failed</h1>
      <p role="alert"><Marked text={why} /></p>
      <div class="buttons"><button type="button" class="primary" onClick={again}>Log in again</button></div>
    </main>
  );
}

export function SignedOut() {
  const problem = useSignal<string | null>(null);
  const again = () => {
    askNextTime();
    login(BASE).catch((failure: unknown) => {
      problem.value = words(failure);
    });
  };
  return (
    <main class="door">
      <h1>Signed out</h1>
      <p>This tab keeps nothing of the session any more.</p>
      {problem.value && <p class="refusal" role="alert"><Marked text={problem.value} /></p>}
      <div class="buttons"><button type="button" class="primary" onClick={again}>Log in</button></div>
    </main>
  );
}

export function NoWorkspace() {
  const press = (event: SubmitEvent) => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget as HTMLFormElement).get('workspace') ?? '').trim();
    if (name) go(path(name, 'attention'));
  };
  return (
    <div class="door">
      <h1>No workspace yet</h1>
      {me.value && (
        <>
          <p>You are logged in, and no workspace has you as a member. An admin of one can add you by this id:</p>
          <p><code class="own-id"><Marked text={me.value.principal} /></code> <CopyId id={me.value.principal} /></p>
        </>
      )}
      <form onSubmit={press}>
        <label class="field"><span>Workspace</span><input name="workspace" required pattern="[a-z0-9\-]{1,32}" autocomplete="off" /></label>
        <div class="buttons"><button type="submit">Open</button></div>
      </form>
    </div>
  );
}

export const Broken = ({ why }: { why: unknown }) => (
  <div class="door">
    <h1>This screen cannot be shown</h1>
    <p>The API may have answered something that this console does not know. Reload the page, or go to another screen.</p>
    <p class="refusal" role="alert"><Marked text={words(why)} /></p>
  </div>
);

export const Unknown = () => (
  <div class="door">
    <h1>No such screen</h1>
    <p>The address leads nowhere in the console. <a href={BASE}>Go to the start</a></p>
  </div>
);
