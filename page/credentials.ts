import { ownerOf, subjectOf } from './identity.js';
import type { ConnectOptions } from './types.js';

/** Who this tab is, by the token that its options give. */
export class Credentials {
  /** The subject of the token that the tab joined with, where it says one. */
  #subject: string | undefined;

  constructor(private readonly options: ConnectOptions) {}

  /** Whether a fresh token can be had. */
  get renewable(): boolean {
    return typeof this.options.token === 'function';
  }

  async token(): Promise<string | undefined> {
    const { token } = this.options;
    if (typeof token !== 'function') return token;
    try {
      return await token();
    } catch (error) {
      reportError(error);
      return undefined;
    }
  }

  /** Whose stream the tab joins, with this token: not to be told, as it may hold a secret. */
  owner(token: string | undefined): string {
    this.#subject = subjectOf(token);
    return ownerOf(this.options, token);
  }

  /** Whether the token is for somebody else than the one that the tab joined with. */
  isForAnother(token: string): boolean {
    return this.options.identity === undefined && subjectOf(token) !== this.#subject;
  }
}
