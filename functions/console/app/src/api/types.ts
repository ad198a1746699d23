// What the API answers, as far as the screens use it; to be replaced by types made from the API's document.

export type Status = 'queued' | 'running' | 'needs_review' | 'completed' | 'failed' | 'canceled' | 'expired';
export type Lane = 'interactive' | 'background' | 'batch' | 'approval';
export type CostState = 'known' | 'estimated' | 'unknown';
export type Decision = 'approve' | 'edit' | 'reject' | 'request-changes';
export type Control = 'cancel' | 'retry' | 'escalate' | 'archive';

/** A word of an open list: what a newer release adds is still shown. */
export type Word<T extends string> = T | (string & {});

export interface Cost {
  /** Exact decimal dollars. */
  usd: string;
  state: Word<CostState>;
}

export interface Attention {
  code: string;
  since: string;
  next_step: string;
}

export interface Review {
  attempt: number;
  digest: string | null;
  on_behalf_of: string | null;
  approved_by?: string[];
  approvals_missing: number;
  overdue_at: string;
  decide_by: string;
}

export interface ProviderWords {
  type?: string;
  code?: string;
}

export interface Job {
  id: string;
  workspace: string;
  type: string;
  type_version: number;
  lane: Word<Lane>;
  lane_reasons: string[];
  status: Word<Status>;
  phase: string | null;
  reason: { code: string; message: string } | null;
  attention: Attention | null;
  escalation_level: number;
  next_step: { action: string; at: string } | null;
  attempt: number;
  version: number;
  created_at: string;
  updated_at: string;
  deadline_at: string | null;
  created_by: string;
  on_behalf_of: string | null;
  input_summary: string;
  tags: Record<string, string>;
  provider: {
    response_id: string | null;
    status: string | null;
    model: string | null;
    service_tier: string | null;
    error: ProviderWords | null;
    answer: string | null;
  };
  result: { digest: string; partial: boolean; late: boolean } | null;
  review: Review | null;
  cost: Cost;
  archived_at: string | null;
  allowed_actions: string[];
  /** When to look again; `null` once nothing is due any more, absent in older releases. */
  poll_after_ms?: number | null;
}

export interface JobPage {
  jobs: Job[];
  next_cursor: string | null;
  /** How far back the filters have been applied. */
  searched_to?: string | null;
}

export interface Citation {
  kind: string;
  title: string | null;
  source: string | null;
  container_id?: string;
  text: string | null;
  start: number | null;
  end: number | null;
}

export interface ToolCall {
  kind: string;
  input: unknown;
  outcome: string | null;
}

export interface MadeFile {
  kind: string;
  name: string | null;
  media_type: string | null;
  bytes: number | null;
  sha256: string | null;
  container_id: string | null;
  file_id: string | null;
  url?: string;
}

export interface Result {
  job_id: string;
  attempt: number;
  partial: boolean;
  reason?: string;
  digest: string;
  proposed_digest?: string;
  text: string | { href: string };
  structured: unknown;
  files: MadeFile[];
  citations: Citation[];
  tool_calls: ToolCall[];
  refusals: string[];
  commentary: { phase: string; text: string }[];
  unknown_items: string[];
  reviewer_notes: string[];
  usage: Record<string, number> | null;
  cost: Cost;
  raw: { href: string } | null;
  trace: { response_id: string; model: string | null; service_tier: string | null };
}

export interface Input {
  input: unknown;
  digest?: string;
}

export interface Actor {
  kind: string;
  id: string;
}

export interface Note {
  text: string;
  author?: string;
  at?: string;
}

export interface JobEvent {
  id: string;
  version: number;
  event: string;
  at: string;
  actor: Actor;
  cause: string;
  on_behalf_of?: string;
  from: { status: string; phase: string | null } | null;
  to: { status: string; phase: string | null };
  reason: string | null;
  attempt: number;
  response_id: string | null;
  orphan_response_id: string | null;
  digest: string | null;
  provider_error: ProviderWords | null;
  provider_answer: string | null;
  provider_finished_at?: string | null;
  note?: Note | string | null;
  previous_hash: string;
  hash: string;
}

export interface Seconds {
  queue: number;
  provider: number;
  ours: number;
  review: number;
}

export interface Trail {
  events: JobEvent[];
  chain_intact: boolean;
  seconds?: Seconds | null;
}

export interface JobTypeSummary {
  name: string;
  version: number;
  description: string;
  lane: Word<Lane>;
  model: string;
  effects: string[];
}

/** The whole document of a type. Fields that the words on the screen do not use are shown as they stand. */
export interface JobType extends JobTypeSummary {
  allow_unpriced: boolean;
  instructions: string;
  tools: unknown[];
  input_items: string[];
  max_tool_calls: number;
  reasoning_effort: string | null;
  max_output_tokens: number;
  pre_approved_effects: string[];
  review: 'never' | 'always' | { when: { effects?: boolean; partial?: boolean; cost_over_usd?: string | null } };
  approvals: number;
  four_eyes: boolean;
  start_deadline_seconds: number;
  run_deadline_seconds: number;
  sla_seconds: number;
  on_overdue: string | Record<string, { levels?: number }>;
  review_deadline_seconds: number;
  retry: { attempts: number; gaps_seconds: Record<string, number[]> };
  retention_days: number;
  cost_limit_usd: string | null;
  expected_seconds: number;
  overridable: Record<string, unknown>;
}

export interface Member {
  principal: string;
  name?: string | null;
  roles: string[];
  active: boolean;
}

export interface WorkspaceEvent {
  version: number;
  event: string;
  at: string;
  actor: Actor;
  principal?: string;
  roles?: string[];
  active?: boolean;
  job_type?: string;
  type_version?: number;
  digest?: string;
  hash: string;
}

export interface WorkspaceTrail {
  events: WorkspaceEvent[];
  chain_intact: boolean;
  altered: string[];
}

export interface Me {
  principal: string;
  workspaces: { workspace: string; roles: string[]; allowed_actions: string[] }[];
}

export interface ProblemBody {
  title?: string;
  status?: number;
  detail?: string;
  code?: string;
  request_id?: string;
  errors?: { field: string; message: string }[];
  allowed_actions?: string[];
  /** The gateway's own answers have nothing else. */
  message?: string;
}
