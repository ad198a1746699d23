// The result of a job, with its text where that lies elsewhere; read again only when the job has moved on.
import * as api from '../api/calls';
import type { Job, Result } from '../api/types';
import { useResource, type Resource } from './resource';

export interface ReadResult {
  result: Result;
  text: string;
}

export async function readResult(workspace: string, id: string): Promise<ReadResult> {
  const { data } = await api.result(workspace, id);
  const text = typeof data.text === 'string' ? data.text : await api.textAt(data.text.href);
  return { result: data, text };
}

export const useResult = (job: Job): Resource<ReadResult> =>
  useResource(() => readResult(job.workspace, job.id), [job.id, job.version]);
