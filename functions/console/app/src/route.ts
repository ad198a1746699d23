// The screens as URLs: every screen has one, and moving between them never loads the page anew.
import { computed, signal } from '@preact/signals';

export const BASE = '/console';
export const OWN = `${BASE}/-`;
export const CALLBACK = `${OWN}/callback`;
export const SIGNED_OUT = `${OWN}/signed-out`;

export type Screen = 'attention' | 'jobs' | 'review' | 'job-types' | 'people';
export type Route =
  | { screen: 'home' }
  | { screen: 'unknown' }
  | { screen: Screen; workspace: string; id: string | null };

const SCREENS: readonly string[] = ['attention', 'jobs', 'review', 'job-types', 'people'];

const here = signal(new URL(location.href));

export const url = computed(() => here.value);
export const route = computed<Route>(() => parse(here.value.pathname));
export const query = computed(() => here.value.searchParams);

export function parse(pathname: string): Route {
  if (pathname !== BASE && !pathname.startsWith(`${BASE}/`)) return { screen: 'unknown' };
  const parts = pathname.slice(BASE.length).split('/').filter(Boolean).map(decoded);
  if (parts.length === 0) return { screen: 'home' };
  const [workspace, screen = 'attention', id = null, ...more] = parts;
  if (!workspace || workspace === '-' || more.length > 0 || !SCREENS.includes(screen)) return { screen: 'unknown' };
  if (screen === 'review' && !id) return { screen: 'unknown' };
  if ((screen === 'attention' || screen === 'people') && id) return { screen: 'unknown' };
  return { screen: screen as Screen, workspace, id };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function path(workspace: string, screen: Screen, id?: string | null, params?: Record<string, string>): string {
  const place = [BASE, encodeURIComponent(workspace), screen, ...(id ? [encodeURIComponent(id)] : [])].join('/');
  const search = new URLSearchParams(params).toString();
  return search ? `${place}?${search}` : place;
}

/** The present screen with some parameters changed; an empty value takes one away. */
export function withQuery(change: Record<string, string | null>): string {
  const next = new URL(here.value);
  for (const [name, value] of Object.entries(change)) {
    if (value) next.searchParams.set(name, value);
    else next.searchParams.delete(name);
  }
  // A comma and a colon need no escape, and a URL that people paste to each other should be legible.
  return next.pathname + next.search.replaceAll('%2C', ',').replaceAll('%3A', ':');
}

export function go(to: string, options: { replace?: boolean } = {}): void {
  const same = to === location.pathname + location.search;
  if (options.replace || same) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  const before = here.value.pathname;
  here.value = new URL(location.href);
  if (before !== here.value.pathname) scrollTo(0, 0);
}

/** Takes over plain clicks on links to screens. Everything else is the browser's. */
export function listen(): void {
  addEventListener('popstate', () => {
    here.value = new URL(location.href);
  });
  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest?.('a');
    if (!link || link.target || link.origin !== location.origin) return;
    if (parse(link.pathname).screen === 'unknown') return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
}
