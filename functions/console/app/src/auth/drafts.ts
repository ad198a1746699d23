// Unsaved text and notes, kept under job and digest so that a login in between loses nothing.
import { read, write } from './session';

export interface Draft {
  text?: string;
  note?: string;
}

const key = (job: string, digest: string | null) => `lanekeeper.draft.${job}.${digest ?? '-'}`;

export const draftOf = (job: string, digest: string | null): Draft => read<Draft>(key(job, digest)) ?? {};

export function keepDraft(job: string, digest: string | null, draft: Draft): void {
  if (draft.text === undefined && !draft.note) sessionStorage.removeItem(key(job, digest));
  else write(key(job, digest), draft);
}

export const dropDraft = (job: string, digest: string | null) => sessionStorage.removeItem(key(job, digest));
