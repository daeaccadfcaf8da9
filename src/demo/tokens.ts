import { randomBytes } from 'node:crypto';

/** An access token that was given out. */
export interface IssuedToken {
  token: string;
  expiresInSeconds: number;
}

export interface Tokens {
  issue(lifetimeSeconds: number, scopes: readonly string[]): IssuedToken;
  /** @returns the scopes of the token in an Authorization header, `null` where it is none, unknown or expired. */
  scopesOf(authorization: string | undefined): readonly string[] | null;
  /** Makes each token given out so far invalid. */
  revokeAll(): void;
}

/** The tokens of one simulator. Real random ones, which end when they said they would. */
export function makeTokens(): Tokens {
  const issued = new Map<string, { endsAt: number; scopes: readonly string[] }>();
  return {
    issue: (lifetimeSeconds, scopes) => {
      const token = randomBytes(24).toString('base64url');
      issued.set(token, { endsAt: performance.now() + lifetimeSeconds * 1000, scopes });
      return { token, expiresInSeconds: lifetimeSeconds };
    },
    scopesOf: (authorization = '') => {
      const found = issued.get(authorization.replace(/^Bearer /i, ''));
      return found && found.endsAt > performance.now() ? found.scopes : null;
    },
    revokeAll: () => issued.clear(),
  };
}
