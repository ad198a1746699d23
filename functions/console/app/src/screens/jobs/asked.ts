// The filters of the list of jobs, as they stand in the URL and as the API takes them.
import type { JobFilter } from '../../api/calls';

export const STATUSES = ['queued', 'running', 'needs_review', 'completed', 'failed', 'canceled', 'expired'];
export const LANES = ['interactive', 'background', 'batch', 'approval'];

/** Every filter, with its name on the screen. */
export const FILTERS: Record<string, string> = {
  status: 'status',
  type: 'type',
  lane: 'lane',
  tag: 'tag',
  created_by: 'created by',
  on_behalf_of: 'on behalf of',
  from: 'from',
  to: 'to',
  attention: 'needs a person',
  archived: 'with the archive',
  order: 'order',
};

export function filterOf(query: URLSearchParams): JobFilter {
  const filter: JobFilter = {};
  for (const name of Object.keys(FILTERS)) {
    const value = query.get(name);
    if (value) filter[name] = value;
  }
  return filter;
}

export const statusesOf = (filter: JobFilter): string[] => (filter.status ?? '').split(',').filter(Boolean);

/** The status filter with one more word, or without it. */
export function toggled(filter: JobFilter, status: string): string | null {
  const chosen = statusesOf(filter);
  const next = chosen.includes(status) ? chosen.filter((one) => one !== status) : [...chosen, status];
  return next.join(',') || null;
}

/** What somebody typed into the search: an id, or a tag with its value; `null` where it is neither. */
export function searched(typed: string): { job: string } | { tag: string } | null {
  if (/^job_[a-z0-9_]{1,40}$/.test(typed)) return { job: typed };
  return /^[^\s:]+:./.test(typed) ? { tag: typed } : null;
}

/** A field of local time as an instant for the URL, and back. */
export function instant(field: string): string | null {
  const date = new Date(field);
  return field && !Number.isNaN(date.getTime()) ? date.toISOString().replace('.000Z', 'Z') : null;
}

export function field(at: string | undefined): string {
  const date = new Date(at ?? '');
  if (Number.isNaN(date.getTime())) return '';
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}
