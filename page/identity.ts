import type { ConnectOptions } from './types.js';

/** A short digest, as hexadecimal digits: what is kept or sent in a secret's place. */
export async function digest(text: string): Promise<string> {
  // A page that is no secure context has none, and shares its runtime with no other page.
  if (!crypto.subtle) return fnv1a(text);
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(hash, 0, 16), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );
}

/** FNV-1a of 32 bits (draft-eastlake-fnv): tells a few names apart, and keeps no secret. */
function fnv1a(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/**
 * Whose stream it is: by the option, else by the token's subject, else by the token; empty for
 * nobody's. It may hold a secret, and is to be digested before it goes anywhere.
 */
export function ownerOf({ identity }: ConnectOptions, token: string | undefined): string {
  if (identity !== undefined) return `identity ${identity}`;
  if (token === undefined) return '';
  const subject = subjectOf(token);
  return subject === undefined ? `token ${token}` : `sub ${subject}`;
}

/** The `sub` claim of a JWT (RFC 7519, section 4.1.2); nothing where the token is none. */
export function subjectOf(token: string | undefined): string | undefined {
  try {
    const payload = token?.split('.')[1]?.replaceAll('-', '+').replaceAll('_', '/');
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
    const id = localStorage.getItem(key) ?? randomId();
    localStorage.setItem(key, id);
    return id;
  } catch {
    // Storage is blocked: then the id lives as long as the page.
    return randomId();
  }
}

/** `crypto.randomUUID` is for secure contexts only. */
export function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join(
    '',
  );
}
