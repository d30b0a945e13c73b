import type { ConnectOptions } from './types.js';

/** A short digest, as hexadecimal digits: what is kept or sent in a secret's place. */
export async function digest(text: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(hash, 0, 16), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );
}

/** Whose stream it is: a digest of the option, else of the token's subject, else of the token. */
export async function identityOf(
  { identity }: ConnectOptions,
  token: string | undefined,
): Promise<string> {
  if (identity !== undefined) return digest(`identity ${identity}`);
  if (token === undefined) return '';
  const subject = subjectOf(token);
  return digest(subject === undefined ? `token ${token}` : `sub ${subject}`);
}

/** The `sub` claim of a JWT (RFC 7519, section 4.1.2); nothing where the token is none. */
function subjectOf(token: string): string | undefined {
  try {
    const payload = token.split('.')[1]?.replaceAll('-', '+').replaceAll('_', '/');
    if (payload === undefined) return undefined;
    const { sub, iss } = JSON.parse(atob(payload));
    return sub === undefined ? undefined : JSON.stringify([iss, sub]);
  } catch {
    return undefined;
  }
}

/** The browser's own random id, the same in all tabs: a server tells its connections by it. */
export function clientId(): string {
  const key = 'tabcast:client-id';
  try {
    const id = localStorage.getItem(key) ?? crypto.randomUUID();
    localStorage.setItem(key, id);
    return id;
  } catch {
    // Storage is blocked: then the id lives as long as the page.
    return crypto.randomUUID();
  }
}
