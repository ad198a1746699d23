// Login by authorization code with PKCE, renewal, and sign-out.
import * as oauth from 'oauth4webapi';
import { signal } from '@preact/signals';

import { CALLBACK, SIGNED_OUT } from '../route';
import { isLoopback, loginConfig, type LoginConfig } from './config';
import * as session from './session';

/** Why nobody is logged in, where a redirect would only go in circles. */
export const loginFailure = signal<string | null>(null);

const redirectUri = () => location.origin + CALLBACK;

/** Tokens this young were refused by the API: another login would bring the same. */
const TOO_YOUNG = 10_000;
const RENEW_BEFORE = 60_000;

function parties(config: LoginConfig): { as: oauth.AuthorizationServer; client: oauth.Client } {
  const as: oauth.AuthorizationServer = {
    issuer: config.issuer,
    authorization_endpoint: config.authorize_url,
    token_endpoint: config.token_url,
    // The identity token is not used. Whatever it is signed with must not end the login.
    id_token_signing_alg_values_supported: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
  };
  if (config.revocation_url) Object.assign(as, { revocation_endpoint: config.revocation_url });
  return { as, client: { client_id: config.client_id } };
}

const insecure = (address: string) => ({ [oauth.allowInsecureRequests]: isLoopback(new URL(address)) });

/** Leaves for the login; `page` is where to come back to. */
export async function login(page: string): Promise<void> {
  const config = await loginConfig();
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const ask = session.takeAsk();
  const to = new URL(config.authorize_url);
  const parameters: Record<string, string> = {
    ...(config.authorize_extra ?? {}),
    ...(ask ? { prompt: 'login' } : {}),
    response_type: 'code',
    client_id: config.client_id,
    redirect_uri: redirectUri(),
    scope: config.scope || 'openid',
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(parameters)) to.searchParams.set(name, value);
  if (!session.keepPending({ state, verifier, page })) {
    sessionStorage.removeItem('lanekeeper.tokens');
    session.keepPending({ state, verifier, page });
  }
  location.assign(to);
}

/** Ends a login that came back; answers the page that was asked for. */
export async function finishLogin(): Promise<string> {
  const pending = session.takePending();
  // The code leaves the address bar and the history before anything else happens.
  const came = new URL(location.href);
  history.replaceState(null, '', CALLBACK);
  if (!pending) throw new Error('This login was not begun in this tab.');
  const config = await loginConfig();
  const { as, client } = parties(config);
  const parameters = oauth.validateAuthResponse(as, client, came, pending.state);
  const answer = await oauth.authorizationCodeGrantRequest(
    as, client, oauth.None(), parameters, redirectUri(), pending.verifier, insecure(config.token_url),
  );
  keep(await oauth.processAuthorizationCodeResponse(as, client, answer), null);
  loginFailure.value = null;
  return pending.page;
}

function keep(answer: oauth.TokenEndpointResponse, refresh: string | null): session.Tokens {
  const now = Date.now();
  const tokens: session.Tokens = {
    access: answer.access_token,
    refresh: answer.refresh_token ?? refresh,
    expires: answer.expires_in === undefined ? null : now + answer.expires_in * 1000,
    since: now,
  };
  if (!session.keepTokens(tokens)) throw new Error('This browser lets the console keep nothing for the session.');
  return tokens;
}

/** The token to call with; `null` where a login is needed. */
export async function accessToken(): Promise<string | null> {
  const tokens = session.tokens();
  if (!tokens) return null;
  const isEnding = tokens.expires !== null && tokens.expires - RENEW_BEFORE < Date.now();
  if (!isEnding) return tokens.access;
  if (tokens.refresh) return (await renewed(tokens))?.access ?? null;
  return tokens.expires! > Date.now() ? tokens.access : null;
}

/** After the API has refused `token`: another one, or `null` where a login is needed. */
export async function anotherToken(token: string): Promise<string | null> {
  const tokens = session.tokens();
  if (!tokens) return null;
  if (tokens.access !== token) return tokens.access;
  return tokens.refresh ? ((await renewed(tokens))?.access ?? null) : null;
}

let renewal: Promise<session.Tokens | null> | null = null;

function renewed(tokens: session.Tokens): Promise<session.Tokens | null> {
  renewal ??= renew(tokens).finally(() => {
    renewal = null;
  });
  return renewal;
}

async function renew(tokens: session.Tokens): Promise<session.Tokens | null> {
  const config = await loginConfig();
  const { as, client } = parties(config);
  const answer = await oauth.refreshTokenGrantRequest(as, client, oauth.None(), tokens.refresh!, insecure(config.token_url));
  if (answer.status >= 500 || answer.status === 429) throw new TypeError('The login service does not answer.');
  try {
    return keep(await oauth.processRefreshTokenResponse(as, client, answer), tokens.refresh);
  } catch {
    session.dropTokens();
    return null;
  }
}

let leaving = false;
/** What has to be kept before the page is left for a login. */
const before = new Set<() => unknown>();
export function beforeLogin(save: () => unknown): () => void {
  before.add(save);
  return () => {
    before.delete(save);
  };
}

/** The login by itself, once, with what is unsaved kept. */
export async function needLogin(): Promise<void> {
  if (leaving || loginFailure.value) return;
  leaving = true;
  for (const save of before) save();
  const tokens = session.tokens();
  if (tokens && Date.now() - tokens.since < TOO_YOUNG) {
    leaving = false;
    session.dropTokens();
    loginFailure.value = 'The API does not accept the token of this login. Its audience or issuer may not be set up for the console.';
    return;
  }
  session.dropTokens();
  try {
    await login(location.pathname + location.search);
  } catch (failure) {
    leaving = false;
    loginFailure.value = words(failure);
  }
}

export function words(failure: unknown): string {
  if (failure instanceof oauth.AuthorizationResponseError) {
    return [failure.error, failure.error_description].filter(Boolean).join(': ');
  }
  if (failure instanceof oauth.ResponseBodyError) {
    return [failure.error, failure.error_description].filter(Boolean).join(': ');
  }
  return failure instanceof Error ? failure.message : String(failure);
}

export async function signOut(): Promise<void> {
  const tokens = session.tokens();
  session.clear();
  session.askNextTime();
  const config = await loginConfig().catch(() => null);
  if (config?.revocation_url && tokens?.refresh) {
    const { as, client } = parties(config);
    const signalled = { ...insecure(config.revocation_url), signal: AbortSignal.timeout(3000) };
    await oauth.revocationRequest(as, client, oauth.None(), tokens.refresh, signalled).catch(() => null);
  }
  location.assign(config?.logout_url || SIGNED_OUT);
}
