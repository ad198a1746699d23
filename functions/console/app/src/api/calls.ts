// The calls that the screens make, by name.
import { bytes, call, type Answer, type Call } from './client';
import type {
  Control, Decision, Input, Job, JobPage, JobType, JobTypeSummary, Me, Member, Result, Trail, WorkspaceTrail,
} from './types';

const at = (workspace: string, ...rest: string[]) =>
  ['/v1/workspaces', encodeURIComponent(workspace), ...rest.map(encodeURIComponent)].join('/');

export const jobPath = (workspace: string, id: string) => at(workspace, 'jobs', id);

export const me = () => call<Me>('/v1/me');

export type JobFilter = Record<string, string>;

export function jobs(workspace: string, filter: JobFilter, options: Call = {}): Promise<Answer<JobPage>> {
  const search = new URLSearchParams(filter).toString();
  return call(`${at(workspace, 'jobs')}${search ? `?${search}` : ''}`, options);
}

export const job = (workspace: string, id: string, options: Call = {}): Promise<Answer<Job>> =>
  call(jobPath(workspace, id), options);

export const result = (workspace: string, id: string) =>
  call<Result>(`${jobPath(workspace, id)}/result`, { exact: true });

/** A large text is told by a link; only a path of this API is followed. */
export async function textAt(href: string): Promise<string> {
  if (!href.startsWith('/v1/')) throw new Error('The text lies at an address that is not the API.');
  return (await bytes(href)).text();
}

export const rawBytes = (workspace: string, id: string) => bytes(`${jobPath(workspace, id)}/result?part=raw`);

export const input = (workspace: string, id: string) =>
  call<Input>(`${jobPath(workspace, id)}/input`, { exact: true });

export const trail = (workspace: string, id: string) => call<Trail>(`${jobPath(workspace, id)}/events`);

const versionTag = (version: number) => `"${version}"`;

export interface DecisionBody {
  digest: string;
  note?: string;
  text?: string;
}

export const decide = (workspace: string, id: string, decision: Decision, version: number, body: DecisionBody) =>
  call<Job>(`${jobPath(workspace, id)}/${decision}`, { method: 'POST', ifMatch: versionTag(version), body });

export const control = (workspace: string, id: string, action: Control, version: number, note: string) =>
  call<Job>(`${jobPath(workspace, id)}/${action}`, {
    method: 'POST',
    ifMatch: versionTag(version),
    body: note.trim() ? { note } : {},
  });

export const jobTypes = async (workspace: string) =>
  (await call<{ job_types: JobTypeSummary[] }>(at(workspace, 'job-types'))).data.job_types;

export const jobType = async (workspace: string, name: string, version?: number) =>
  (await call<JobType>(`${at(workspace, 'job-types', name)}${version ? `?version=${version}` : ''}`)).data;

export const members = async (workspace: string) =>
  (await call<{ members: Member[] }>(at(workspace, 'members'))).data.members;

export const workspaceTrail = async (workspace: string) =>
  (await call<WorkspaceTrail>(at(workspace, 'events'))).data;
