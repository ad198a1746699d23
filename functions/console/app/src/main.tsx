// The start: who is there, which screen the URL names, and the login where nobody is.
import './style/base.css';
import './style/shell.css';
import './style/controls.css';
import './style/tables.css';
import './style/job.css';
import './style/review.css';

import { useSignal } from '@preact/signals';
import { render } from 'preact';
import { useEffect, useErrorBoundary } from 'preact/hooks';

import { LoggedOut, Lost } from './api/client';
import { loginFailure, needLogin } from './auth/login';
import { tokens } from './auth/session';
import { listenToKeys } from './keys';
import { isKnown, readMe, workspaces } from './live/me';
import { useRepeat } from './live/repeat';
import { BASE, CALLBACK, go, listen, path, route, SIGNED_OUT, url } from './route';
import { Attention } from './screens/Attention';
import { Broken, Callback, LoginFailed, NoWorkspace, SignedOut, Unknown } from './screens/Doors';
import { Job } from './screens/job/Job';
import { Jobs } from './screens/jobs/Jobs';
import { People } from './screens/People';
import { Review } from './screens/review/Review';
import { JobTypes } from './screens/types/JobTypes';
import { Shell } from './Shell';
import { tick } from './text/time';
import { Waiting } from './ui/Message';

function App() {
  const isBack = useSignal(location.pathname !== CALLBACK);
  if (loginFailure.value) return <LoginFailed why={loginFailure.value} page={afterFailure()} />;
  if (!isBack.value) return <Callback onDone={() => (isBack.value = true)} />;
  if (url.value.pathname === SIGNED_OUT) return <SignedOut />;
  return <LoggedIn />;
}

const afterFailure = (): string => (route.value.screen === 'unknown' ? BASE : location.pathname + location.search);

function LoggedIn() {
  const isHere = tokens() !== null;
  useEffect(() => {
    if (!isHere) void needLogin();
  }, [isHere]);
  return isHere ? <Known /> : <main class="door"><p class="quiet">Going to the login…</p></main>;
}

function Known() {
  useRepeat(async () => {
    await readMe();
    return null;
  }, []);
  return <Shell><Guarded /></Shell>;
}

/** What a screen cannot show ends that screen alone. */
function Guarded() {
  const [failure, reset] = useErrorBoundary();
  const { pathname } = url.value;
  useEffect(reset, [pathname]);
  return failure ? <Broken why={failure} /> : <Screen />;
}

function Screen() {
  const at = route.value;
  useTitle();
  switch (at.screen) {
    case 'home':
      return <Home />;
    case 'attention':
      return <Attention key={at.workspace} workspace={at.workspace} />;
    case 'jobs':
      return at.id ? <Job key={at.workspace + at.id} workspace={at.workspace} id={at.id} /> : <Jobs key={at.workspace} workspace={at.workspace} />;
    case 'review':
      return <Review key={at.workspace + at.id} workspace={at.workspace} id={at.id ?? ''} />;
    case 'job-types':
      return <JobTypes key={at.workspace} workspace={at.workspace} name={at.id} />;
    case 'people':
      return <People key={at.workspace} workspace={at.workspace} />;
    default:
      return <Unknown />;
  }
}

function Home() {
  const first = workspaces.value[0]?.workspace;
  useEffect(() => {
    if (first) go(path(first, 'attention'), { replace: true });
  }, [first]);
  return isKnown.value && !first ? <NoWorkspace /> : <Waiting />;
}

function useTitle() {
  const at = route.value;
  useEffect(() => {
    const name = document.querySelector('h1')?.textContent;
    const what = 'workspace' in at ? [name, at.id?.replace(/^job_/, '').slice(0, 8), at.workspace] : [name];
    document.title = [...what, 'Lanekeeper'].filter(Boolean).join(' · ');
  }, [at]);
}

// What a screen did not expect is told by the browser; a login that is under way is no failure.
addEventListener('unhandledrejection', (event) => {
  if (event.reason instanceof LoggedOut || event.reason instanceof Lost) event.preventDefault();
});

listen();
listenToKeys();
tick();
render(<App />, document.getElementById('app')!);
