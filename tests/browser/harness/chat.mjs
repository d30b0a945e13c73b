import { createHmac } from 'node:crypto';
import { jwtSecret } from './server.mjs';

/** A user of the server's API, as another client would be: the messages that tabs get come from here. */
export class User {
  #server;
  token = '';
  id = 0;

  static async logIn(server, email) {
    const user = new User(server);
    const { access_token, user: account } = await user.#post('/auth/login', {
      email,
      password: 'password',
    });
    user.token = access_token;
    user.id = account.id;
    return user;
  }

  constructor(server) {
    this.#server = server;
  }

  /** A chat of these users, and `send` for it. */
  async createChat(...members) {
    const { id } = await this.#post('/api/chats', {
      name: 'test',
      members: members.map((user) => user.id),
    });
    return this.chat(id);
  }

  /** A chat that is there already. */
  chat(id) {
    return { send: (content) => this.#post(`/api/chats/${id}/messages`, { content }) };
  }

  async #post(path, body) {
    const response = await fetch(this.#server.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.token}` },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`POST ${path}: ${response.status} ${text}`);
    return JSON.parse(text);
  }
}

/** A token that the server signed once and that has run out. */
export const expiredToken = (user) => signedToken(user, -3600);

/** A token as the server signs them, valid for so many seconds. */
export function signedToken(user, lifetime) {
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const claims = { sub: String(user.id), role: 'user', iat: now - 7200, exp: now + lifetime };
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${signed}.${createHmac('sha256', jwtSecret).update(signed).digest('base64url')}`;
}
