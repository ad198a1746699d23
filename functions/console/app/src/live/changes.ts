// What an action has changed, told to every list and page that shows it.
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

import type { Job } from '../api/types';

type Listener = (job: Job) => void;
const listeners = new Set<Listener>();

export function tellChanged(job: Job): void {
  for (const listener of listeners) listener(job);
}

export function useChanges(listener: Listener): void {
  useEffect(() => {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  });
}

/** One line about what was just done. */
export const notice = signal<string | null>(null);
let ending: ReturnType<typeof setTimeout> | undefined;

const SHOWN_FOR = 8000;

export function say(text: string): void {
  clearTimeout(ending);
  notice.value = text;
  ending = setTimeout(() => {
    notice.value = null;
  }, SHOWN_FOR);
}
