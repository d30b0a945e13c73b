/**
 * What an app of the guide has for its users' sessions: here, alice is always signed in.
 *
 * @returns {Promise<string>}
 */
export async function getToken() {
  const response = await fetch('/auth/login', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email: 'alice@test.com', password: 'password' }),
  });
  return (await response.json()).access_token;
}
