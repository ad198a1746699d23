// Who is logged in, and what they may open; older releases do not say.
import { computed, signal } from '@preact/signals';

import * as api from '../api/calls';
import { Problem } from '../api/client';
import type { Me } from '../api/types';

export const me = signal<Me | null>(null);
/** Whether the question has been answered, with or without an answer. */
export const isKnown = signal(false);

export const workspaces = computed(() => me.value?.workspaces ?? []);

export async function readMe(): Promise<void> {
  try {
    me.value = (await api.me()).data;
    isKnown.value = true;
  } catch (failure) {
    if (!(failure instanceof Problem)) throw failure;
    isKnown.value = true;
  }
}

/** What this person may do in a workspace as a whole; `null` where that is not known. */
export function allowedIn(workspace: string): string[] | null {
  if (!me.value) return null;
  return me.value.workspaces.find((one) => one.workspace === workspace)?.allowed_actions ?? [];
}
