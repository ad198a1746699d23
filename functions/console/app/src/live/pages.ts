// A list of jobs: its first page is read again while one of it may move, and older pages on demand.
import { batch, useComputed, useSignal, type ReadonlySignal, type Signal } from '@preact/signals';
import { useRef } from 'preact/hooks';

import * as api from '../api/calls';
import { Lost, Problem } from '../api/client';
import type { Job, JobPage } from '../api/types';
import { useChanges } from './changes';
import { isOpen } from './job';
import { useRepeat } from './repeat';

export interface Pages {
  jobs: ReadonlySignal<Job[]>;
  /** `false` until a first answer has come for this filter. */
  isRead: Signal<boolean>;
  problem: Signal<Problem | null>;
  hasMore: ReadonlySignal<boolean>;
  isLoading: Signal<boolean>;
  searchedTo: Signal<string | null>;
  more: () => Promise<void>;
}

const EVERY = 10_000;
/** How many empty pages are read on for one press of a button; filters apply after a page is read. */
const EMPTY_PAGES = 20;

/** `idle`: how often to look where nothing on the page can move by itself. */
export function usePages(workspace: string, filter: api.JobFilter, { first = 50, idle = null as number | null } = {}): Pages {
  const key = `${workspace}?${new URLSearchParams(filter)}`;
  const top = useSignal<Job[]>([]);
  const rest = useSignal<Job[]>([]);
  const cursor = useSignal<string | null>(null);
  const isRead = useSignal(false);
  const isLoading = useSignal(false);
  const problem = useSignal<Problem | null>(null);
  const searchedTo = useSignal<string | null>(null);
  const shown = useRef('');

  const jobs = useComputed(() => {
    const seen = new Set(top.value.map((job) => job.id));
    return [...top.value, ...rest.value.filter((job) => !seen.has(job.id))];
  });
  const hasMore = useComputed(() => cursor.value !== null);

  const take = (page: JobPage, isOther: boolean) => {
    batch(() => {
      if (isOther) rest.value = [];
      else if (rest.value.length > 0 || top.value.length > 0) keepWhatLeft(page.jobs);
      top.value = page.jobs;
      // The cursor of what was loaded further down stays.
      if (isOther || rest.value.length === 0) cursor.value = page.next_cursor;
      searchedTo.value = page.searched_to ?? null;
      isRead.value = true;
      problem.value = null;
    });
  };
  /** New jobs push older ones off the first page; they stay on the screen where more of the list is open. */
  const keepWhatLeft = (fresh: Job[]) => {
    if (rest.value.length === 0 || filter.order === 'oldest') return;
    const seen = new Set([...fresh, ...rest.value].map((job) => job.id));
    const last = fresh.at(-1);
    const pushed = top.value.filter((job) => !seen.has(job.id) && last && job.created_at < last.created_at);
    if (pushed.length > 0) rest.value = [...pushed, ...rest.value];
  };

  const { soon } = useRepeat(async (stop) => {
    const isOther = shown.current !== key;
    try {
      const { data } = await api.jobs(workspace, { ...filter, limit: String(first) }, { signal: stop });
      shown.current = key;
      take(data, isOther);
      return data.jobs.some(isOpen) || data.jobs.length === 0 ? EVERY : idle;
    } catch (failure) {
      if (!(failure instanceof Problem)) throw failure;
      if (isOther) {
        batch(() => {
          top.value = [];
          rest.value = [];
          cursor.value = null;
          isRead.value = true;
        });
      }
      problem.value = failure;
      return failure.status >= 500 ? EVERY : null;
    }
  }, [key]);

  const more = async () => {
    if (isLoading.value || cursor.value === null) return;
    isLoading.value = true;
    const asked = shown.current;
    try {
      for (let pages = 0; pages < EMPTY_PAGES && cursor.value !== null; pages += 1) {
        const { data } = await api.jobs(workspace, { ...filter, limit: '100', cursor: cursor.value });
        if (shown.current !== asked) return;
        batch(() => {
          const seen = new Set(jobs.value.map((job) => job.id));
          rest.value = [...rest.value, ...data.jobs.filter((job) => !seen.has(job.id))];
          cursor.value = data.next_cursor;
          searchedTo.value = data.searched_to ?? null;
        });
        if (data.jobs.length > 0) break;
      }
    } catch (failure) {
      if (failure instanceof Problem) problem.value = failure;
      else if (!(failure instanceof Lost)) throw failure;
    } finally {
      isLoading.value = false;
    }
  };

  useChanges((changed) => {
    const put = (list: Job[]) => list.map((job) => (job.id === changed.id ? { ...changed } : job));
    batch(() => {
      top.value = put(top.value);
      rest.value = put(rest.value);
    });
    soon();
  });

  return { jobs, isRead, problem, hasMore, isLoading, searchedTo, more };
}
