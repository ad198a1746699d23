// Copying to the clipboard, with a word that it has been done.
import { useSignal } from '@preact/signals';

import { say } from '../live/changes';

export async function copy(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    say(`${what} copied.`);
  } catch {
    say('This browser does not let the console copy.');
  }
}

export function CopyId({ id }: { id: string }) {
  const done = useSignal(false);
  const press = async () => {
    await copy(id, 'The id is');
    done.value = true;
    setTimeout(() => (done.value = false), 1500);
  };
  return (
    <button type="button" class="copy" title="Copy id" aria-label="Copy id" onClick={press}>
      <svg viewBox="0 0 16 16" width="12" height="12" aria-hidden="true">
        <path
          d={done.value ? 'M2.8 8.6l3.4 3.6 7-8' : 'M5.5 5.5h8v8h-8zM3.5 10.5h-1v-8h8v1'}
          fill="none" stroke="currentColor" stroke-width="1.4" stroke-linejoin="round"
        />
      </svg>
    </button>
  );
}

/** The first eight digits say enough in a list. */
export const shortId = (id: string): string => id.replace(/^job_/, '').slice(0, 8);
