// The keyboard: moving through rows, going to attention and to search, and the list of keys with its switch.
import { signal } from '@preact/signals';

import { read, write } from './auth/session';
import { go, path, route } from './route';
import { Dialog } from './ui/Dialog';

const KEPT = 'lanekeeper.keys';
const isOn = signal(read<boolean>(KEPT) ?? true);
export const isHelpOpen = signal(false);
const wantsSearch = signal(false);

const KEYS: [string, string][] = [
  ['j / k', 'next and previous row'],
  ['Enter', 'open the row'],
  ['a', 'attention'],
  ['/', 'search'],
  ['?', 'this list'],
];

export function listenToKeys(): void {
  addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (isField(event.target) || document.querySelector('dialog[open]')) return;
    if (event.key === '?') isHelpOpen.value = true;
    else if (!isOn.value || !act(event.key)) return;
    event.preventDefault();
  });
}

function isField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

function act(key: string): boolean {
  const at = route.value;
  const workspace = 'workspace' in at ? at.workspace : null;
  switch (key) {
    case 'j':
      return moveRow(1);
    case 'k':
      return moveRow(-1);
    case 'a':
      if (workspace) go(path(workspace, 'attention'));
      return workspace !== null;
    case '/':
      if (!workspace) return false;
      if (!focusSearch()) {
        wantsSearch.value = true;
        go(path(workspace, 'jobs'));
      }
      return true;
    default:
      return false;
  }
}

function moveRow(step: number): boolean {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')];
  if (rows.length === 0) return false;
  const present = rows.findIndex((row) => row === document.activeElement || row.closest('tr')?.contains(document.activeElement));
  const next = present < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, present + step));
  rows[next]?.focus();
  rows[next]?.scrollIntoView({ block: 'nearest' });
  return true;
}

function focusSearch(): boolean {
  const field = document.querySelector<HTMLInputElement>('input[type=search]');
  field?.focus();
  field?.select();
  return field !== null;
}

/** For the search field, once it is there. */
export function searchIsHere(): void {
  if (!wantsSearch.value) return;
  wantsSearch.value = false;
  focusSearch();
}

export function KeysDialog() {
  if (!isHelpOpen.value) return null;
  const flip = () => {
    isOn.value = !isOn.value;
    write(KEPT, isOn.value);
  };
  const back = () => (isHelpOpen.value = false);
  return (
    <Dialog title="Keys" onBack={back}>
      <dl class="keys">
        {KEYS.map(([key, what]) => (
          <div key={key}><dt><kbd>{key}</kbd></dt><dd>{what}</dd></div>
        ))}
      </dl>
      <p class="quiet">Keys are off in fields and together with Ctrl, Alt or Cmd.</p>
      <label class="check">
        <input type="checkbox" role="switch" checked={isOn.value} onChange={flip} /> Keys are on
      </label>
      <div class="buttons"><button type="button" onClick={back}>Back</button></div>
    </Dialog>
  );
}
