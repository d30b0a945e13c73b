/** Whoever is signed in, and the backend's API as them. */
class Session {
  #email;
  #token = '';
  /** @type {{id: number, name: string, role: string}} */ user;

  static async signIn(email) {
    const session = new Session(email);
    await session.token();
    return session;
  }

  constructor(email) {
    this.#email = email;
  }

  /** A fresh token: for the stream, which asks when it needs one. */
  token = async () => {
    const answer = await fetch('/auth/login', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ email: this.#email, password: 'password' }),
    });
    if (!answer.ok) throw new Error(`Signing in: ${answer.status}`);
    const { access_token, user } = await answer.json();
    this.#token = access_token;
    this.user = user;
    return access_token;
  };

  get(path) {
    return this.#call(path);
  }

  post(path, body) {
    return this.#call(path, { method: 'POST', body: JSON.stringify(body) });
  }

  async #call(path, init) {
    const headers = { Authorization: `Bearer ${this.#token}`, 'Content-Type': 'application/json' };
    const answer = await fetch(path, { ...init, headers });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }
}

const users = ['alice@test.com', 'bob@test.com', 'test@example.com', 'super@test.com'];

/** Asks who it is, or takes them from the URL (`#alice@test.com`); gives their session. */
export async function signIn(app = document.getElementById('app')) {
  const named = location.hash.slice(1);
  if (users.includes(named)) return Session.signIn(named);
  return new Promise((resolve) => {
    for (const email of users) {
      const button = document.createElement('button');
      button.textContent = email;
      button.onclick = async () => {
        app.replaceChildren();
        resolve(await Session.signIn(email));
      };
      app.append(button, ' ');
    }
  });
}
