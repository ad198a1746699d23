// The frame around every screen: where one is, where one can go, who one is, and whether there is a connection.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

import { ActionDialog } from './actions/ActionDialog';
import { BulkDialog } from './actions/BulkDialog';
import { lost } from './api/client';
import { signOut } from './auth/login';
import { isHelpOpen, KeysDialog } from './keys';
import { notice } from './live/changes';
import { me, workspaces } from './live/me';
import { useNames } from './live/names';
import { BASE, go, path, route, url, type Screen } from './route';
import { clock } from './text/time';
import { Person } from './ui/Person';

const PLACES: readonly [Screen, string][] = [
  ['attention', 'Attention'],
  ['jobs', 'Jobs'],
  ['job-types', 'Job types'],
  ['people', 'People'],
];

export function Shell({ children }: { children: ComponentChildren }) {
  const at = route.value;
  const workspace = 'workspace' in at ? at.workspace : null;
  const screen = 'workspace' in at ? at.screen : null;
  useNames(workspace);
  useFocus(url.value.pathname);
  return (
    <>
      <a class="skip" href="#main">To the content</a>
      <header class="shell">
        <a class="brand" href={BASE}>Lanekeeper</a>
        {workspace && <Workspaces present={workspace} />}
        {workspace && (
          <nav class="places" aria-label="Screens">
            {PLACES.map(([place, name]) => (
              <a key={place} href={path(workspace, place)} aria-current={isAt(place, screen) ? 'page' : undefined}>{name}</a>
            ))}
          </nav>
        )}
        <span class="self">
          <button type="button" class="help" aria-label="Keys" title="Keys" onClick={() => (isHelpOpen.value = true)}>?</button>
          {me.value && <span class="me" title="You"><Person id={me.value.principal} /></span>}
          <button type="button" onClick={signOut}>Sign out</button>
        </span>
      </header>
      <Connection />
      <main id="main" tabIndex={-1} class={screen ?? 'other'}>{children}</main>
      <p class={notice.value ? 'notice' : 'notice gone'} role="status">{notice.value}</p>
      <ActionDialog />
      <BulkDialog />
      <KeysDialog />
    </>
  );
}

/** Another screen takes the focus, so that the keyboard goes on from its start. */
function useFocus(pathname: string) {
  const shown = useRef(pathname);
  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    const focused = document.activeElement;
    if (!focused || focused === document.body || focused.closest('header.shell')) document.getElementById('main')?.focus({ preventScroll: true });
  }, [pathname]);
}

/** A review is reached from attention. */
const isAt = (place: Screen, screen: Screen | null): boolean => place === (screen === 'review' ? 'attention' : screen);

function Workspaces({ present }: { present: string }) {
  const names = workspaces.value.map((one) => one.workspace);
  if (names.length < 2 && (names.length === 0 || names[0] === present)) return <span class="workspace">{present}</span>;
  const all = names.includes(present) ? names : [present, ...names];
  return (
    <select class="workspace" aria-label="Workspace" onChange={(event) => go(path(event.currentTarget.value, 'attention'))}>
      {all.map((name) => <option key={name} value={name} selected={name === present}>{name}</option>)}
    </select>
  );
}

function Connection() {
  const gone = lost.value;
  return (
    <p class={gone ? 'connection' : 'connection gone'} role="status">
      {gone && `${gone.why} Since ${clock(gone.since)} nothing new has come; the console goes on trying.`}
    </p>
  );
}
