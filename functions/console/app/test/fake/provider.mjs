// The made-up identity provider: one client, one redirect URI, S256 only, codes that work once.
import { createHash, randomBytes } from 'node:crypto';

const CLIENT = 'lanekeeper-console';

export function provider(options) {
  const codes = new Map();
  const access = new Map();
  const refresh = new Map();
  const word = () => randomBytes(16).toString('hex');

  return {
    config: (origin) => ({
      issuer: `${origin}/issuer`, client_id: CLIENT, authorize_url: `${origin}/authorize`, token_url: `${origin}/token`, logout_url: null,
      scope: 'openid', authorize_extra: { audience: 'lanekeeper' },
    }),
    /** The person of a token, while it is good. */
    person: (token) => {
      const kept = access.get(token);
      return kept && kept.until > Date.now() ? kept.person : null;
    },
    /** Ends every access token, and the refresh tokens too where nobody is to come back by itself. */
    expire: ({ refreshToo = false } = {}) => {
      access.clear();
      if (refreshToo) refresh.clear();
    },
    authorize(url, origin) {
      const query = url.searchParams;
      options.authorized?.(url);
      const isRight = query.get('client_id') === CLIENT && query.get('redirect_uri') === `${origin}/console/-/callback`
        && query.get('code_challenge_method') === 'S256' && query.get('response_type') === 'code' && query.get('audience') === 'lanekeeper';
      if (!isRight) return { status: 400, type: 'text/plain', body: 'bad request' };
      const as = query.get('as');
      if (!as) {
        const hidden = [...query].map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`).join('');
        const buttons = [...options.people, 'nobody'].map((name) => `<button name="as" value="${name}">${name}</button>`).join('');
        return { status: 200, type: 'text/html', body: `<!doctype html><html lang="en"><title>Who are you?</title><h1>Who are you?</h1><form>${hidden}${buttons}</form></html>` };
      }
      const code = word();
      codes.set(code, { person: as, challenge: query.get('code_challenge') });
      const to = new URL(query.get('redirect_uri'));
      to.searchParams.set('code', code);
      to.searchParams.set('state', query.get('state'));
      return { status: 302, headers: { location: to.href }, body: '' };
    },
    token(body) {
      const form = new URLSearchParams(body);
      const person = form.get('grant_type') === 'refresh_token' ? byRefresh(form) : byCode(form);
      if (!person) return { status: 400, type: 'application/json', body: JSON.stringify({ error: 'invalid_grant' }) };
      const token = word();
      const again = word();
      access.set(token, { person, until: Date.now() + 3_600_000 });
      refresh.set(again, person);
      return { status: 200, type: 'application/json', body: JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: 3600, refresh_token: again }) };
    },
  };

  function byCode(form) {
    const kept = codes.get(form.get('code'));
    codes.delete(form.get('code'));
    const challenge = createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url');
    return kept && kept.challenge === challenge ? kept.person : null;
  }

  function byRefresh(form) {
    const person = refresh.get(form.get('refresh_token')) ?? null;
    refresh.delete(form.get('refresh_token'));
    return person;
  }
}
