// What this tab keeps while somebody is logged in: in session storage, and nowhere else.

export interface Tokens {
  access: string;
  refresh: string | null;
  /** Milliseconds since 1970; `null` where the provider does not say. */
  expires: number | null;
  since: number;
}

export interface Pending {
  state: string;
  verifier: string;
  page: string;
}

const TOKENS = 'lanekeeper.tokens';
const PENDING = 'lanekeeper.login';
const ASK = 'lanekeeper.ask';

export function read<T>(key: string): T | null {
  try {
    const text = sessionStorage.getItem(key);
    return text === null ? null : (JSON.parse(text) as T);
  } catch {
    return null;
  }
}

/** Whether it could be kept; the storage has an end. */
export function write(key: string, value: unknown): boolean {
  try {
    sessionStorage.setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

export const tokens = () => read<Tokens>(TOKENS);
export const keepTokens = (kept: Tokens) => write(TOKENS, kept);
export const dropTokens = () => sessionStorage.removeItem(TOKENS);

export const keepPending = (pending: Pending) => write(PENDING, pending);
export function takePending(): Pending | null {
  const pending = read<Pending>(PENDING);
  sessionStorage.removeItem(PENDING);
  return pending;
}

/** After a sign-out the provider is told to ask who it is, whoever is still logged in there. */
export const askNextTime = () => write(ASK, true);
export function takeAsk(): boolean {
  const ask = read<boolean>(ASK) ?? false;
  sessionStorage.removeItem(ASK);
  return ask;
}

export const clear = () => sessionStorage.clear();
