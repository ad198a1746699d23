// Where to log in: read once from the console's own configuration.
import { OWN } from '../route';

export interface LoginConfig {
  issuer: string;
  client_id: string;
  authorize_url: string;
  token_url: string;
  logout_url?: string | null;
  revocation_url?: string | null;
  scope?: string | null;
  /** More parameters of the authorize call, such as an audience. */
  authorize_extra?: Record<string, string> | null;
}

let read: Promise<LoginConfig> | null = null;

export function loginConfig(): Promise<LoginConfig> {
  read ??= load().catch((failure: unknown) => {
    read = null;
    throw failure;
  });
  return read;
}

async function load(): Promise<LoginConfig> {
  const answer = await fetch(`${OWN}/config.json`, { headers: { accept: 'application/json' } });
  if (!answer.ok) throw new Error(`The console has no configuration (${answer.status}).`);
  const config = (await answer.json()) as LoginConfig;
  for (const name of ['issuer', 'client_id', 'authorize_url', 'token_url'] as const) {
    if (typeof config[name] !== 'string' || !config[name]) throw new Error(`The console's configuration lacks ${name}.`);
  }
  for (const address of [config.authorize_url, config.token_url, config.logout_url, config.revocation_url]) {
    if (address && !isSafe(new URL(address, location.href))) {
      throw new Error(`The console's configuration has an address that is not https: ${address}`);
    }
  }
  return config;
}

/** Plain http is for this machine only. */
export function isSafe(address: URL): boolean {
  return address.protocol === 'https:' || (address.protocol === 'http:' && isLoopback(address));
}

export function isLoopback(address: URL): boolean {
  return ['127.0.0.1', 'localhost', '[::1]'].includes(address.hostname);
}
