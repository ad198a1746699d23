// The names of a workspace's members, shown in place of their ids.
import { signal } from '@preact/signals';

import * as api from '../api/calls';
import { Problem } from '../api/client';
import { useRepeat } from './repeat';

const names = signal<ReadonlyMap<string, string>>(new Map());

export const nameOf = (principal: string): string => names.value.get(principal) ?? principal;

/** Reads them once for a workspace. Without them the ids stand there. */
export function useNames(workspace: string | null): void {
  useRepeat(async () => {
    if (!workspace) return null;
    try {
      const members = await api.members(workspace);
      names.value = new Map(members.flatMap(({ principal, name }) => (name ? [[principal, name] as const] : [])));
    } catch (failure) {
      if (!(failure instanceof Problem)) throw failure;
      names.value = new Map();
    }
    return null;
  }, [workspace]);
}
