/** What the package's reasons are called here, where they are a cause by themselves. */
const BY_REASON = {
  muted: 'mute',
  silent: 'silent',
  cut: 'cut',
  unauthorized: 'token',
  'server-closed': 'stopped',
  rejected: 'rejected',
  unavailable: 'unavailable',
  'wrong-content-type': 'content-type',
  'too-large': 'too-large',
  offline: 'offline',
  superseded: 'superseded',
  exhausted: 'exhausted',
  left: 'left',
  'worker-failed': 'worker',
  unsupported: 'worker',
};

/** For a heartbeat nobody waits shorter or longer than this, in milliseconds. */
const [SHORTEST, LONGEST] = [2_000, 75_000];

/**
 * The one cause that explains best what was seen: `{cause, evidence}`, where `evidence` is what that
 * cause's text is about. `facts` has `login`, `session`, `live`, `outbox` (a summary), `lookup`
 * (what the server's log says of a message that is late), `server` and `now`.
 */
export function diagnose(facts) {
  const { session, login, live } = facts;
  if (!session) return found(login.ended ? 'token' : 'logged-out');
  const { heartbeat } = live;
  return trouble(live, facts) ?? impairment(live, facts) ?? found(calm(live), { heartbeat });
}

const found = (cause, evidence = {}) => ({ cause, evidence });

/** What keeps the stream from being open, or from staying so. */
function trouble(live, { server, now }) {
  const { reason, httpStatus } = live.status;
  // Whether the rest of the server answers tells a stream that is held back from a server that is gone.
  if (reason === 'refused') return found(server.answers === false ? 'server-away' : 'refused');
  // Firefox takes a stream for open only when its first byte is there.
  if (reason === 'timeout') return found(server.answers === false ? 'server-away' : 'mute');
  const once = reason === 'cut' && live.history.count('cut', now) < 2;
  const why = reason in BY_REASON && !once ? reason : live.history.relapse(now);
  if (!why) return null;
  const milliseconds = live.heartbeats.heldBack(now);
  // What a buffer lets through in the end says more than that it was mute before.
  if (why === 'muted' && milliseconds) return found('buffered', { milliseconds });
  return found(BY_REASON[why], { httpStatus, times: live.history.count(why, now) });
}

/** What is wrong with a stream that is open. */
function impairment(live, { outbox, lookup, session, now }) {
  if (live.status.state !== 'open' || !live.openSince) return null;
  const milliseconds = live.heartbeats.heldBack(now);
  if (milliseconds) return found('buffered', { milliseconds });
  const user = live.confirmed?.user_id;
  if (user !== undefined && user !== session.user.id) return found('other-user', { user });
  const since = live.heartbeat ?? live.openSince;
  if (now - since > patience(live.heartbeats.interval() ?? live.usualInterval)) {
    const seconds = Math.round((now - since) / 1_000);
    return found(live.lastEventAt > since ? 'no-heartbeat' : 'silent', { seconds });
  }
  if (outbox?.late && lookup?.done) return found('not-mine', { ...lookup, types: live.types });
  return null;
}

/** How long to wait for a heartbeat: 2.5 of them, as the package's own watchdog does by default. */
export function patience(interval) {
  return Math.min(Math.max((interval ?? LONGEST) * 2.5, SHORTEST), LONGEST);
}

function calm({ status: { state }, confirmed }) {
  if (state === 'idle') return 'paused';
  return state === 'open' && confirmed ? 'fine' : 'connecting';
}
