import { clock } from './format.js';
import { texts } from './texts.js';

/** How long to wait for what must come, in milliseconds: as the package's watchdogs do. */
const FIRST_EVENT = 15_000;
const SILENCE = 75_000;

const todo = (seen, hint) => ({ state: 'todo', seen, hint });
const busy = (seen, hint) => ({ state: 'busy', seen, hint });
const ok = (seen, hint) => ({ state: 'ok', seen, hint });
const bad = (seen, hint) => ({ state: 'bad', seen, hint });

/**
 * What the page knows, judged: for each check its state, what was seen, and what to do.
 * `facts` has `login`, `session`, `live`, `outbox` (a summary) and `now`.
 */
export function judge(facts) {
  return {
    login: login(facts),
    open: open(facts),
    confirmed: confirmed(facts),
    accepted: accepted(facts),
    seen: seen(facts),
    delivered: delivered(facts),
    heartbeat: heartbeat(facts),
  };
}

function login({ session, login }) {
  const t = texts.login;
  if (session) return ok(t.ok(session.user.name, session.user.email));
  if (login.busy) return busy(t.busy);
  if (login.ended) return bad(t.ended, t.endedToDo);
  if (!login.error) return todo(t.todo);
  return bad(t.bad, t.toDo[login.error.status] ?? t.toDo.other);
}

function open({ live }) {
  const t = texts.connect.open;
  if (!live) return todo(t.todo);
  const { state, reason, httpStatus, advice, attempt, transport, host } = live.status;
  const { transports, hosts } = texts.status;
  if (state === 'open') return ok(t.ok(transports[transport], hosts[host]));
  if (reason === 'left') return todo(t.closed, t.closedToDo);
  if (state === 'connecting' && attempt === 0) return busy(t.busy);
  const why = t.why(reason ?? state, httpStatus);
  const tell = { connecting: t.again, polling: t.polling }[state] ?? t.bad;
  return bad(tell(why), advice);
}

function confirmed({ live, now }) {
  const t = texts.connect.confirmed;
  if (live?.confirmed) {
    const { at, elsewhere, user_id, connected_chats = [], recovered } = live.confirmed;
    if (elsewhere) return ok(t.elsewhere(clock(at)));
    const hint = recovered === false ? t.notRecovered : undefined;
    return ok(t.ok(clock(at), user_id, connected_chats), hint);
  }
  if (!live?.openSince) return todo(t.todo);
  // The attempts before this one were mute too.
  if (live.status.reason === 'muted') return bad(t.bad, live.status.advice);
  return now - live.openSince > FIRST_EVENT ? bad(t.bad, t.toDo) : busy(t.busy);
}

function accepted({ outbox }) {
  const t = texts.send;
  if (outbox?.error) return bad(t.bad(outbox.error), t.toDo);
  if (outbox?.sending) return busy(t.busy);
  return outbox?.accepted ? ok(t.ok(outbox.accepted)) : todo(t.todo, t.todoHint);
}

function seen({ live }) {
  const t = texts.check.seen;
  if (!live?.messages.count) return todo(t.todo);
  const { count, at, chat } = live.messages;
  return ok(t.ok(count, clock(at), chat));
}

function delivered({ outbox, live }) {
  const t = texts.check.delivered;
  if (!outbox?.accepted) return todo(t.todo);
  const { accepted, delivered, late, waiting, median } = outbox;
  // Rounded down: 100 % means all of them.
  const share = Math.floor((delivered / accepted) * 100);
  if (late) {
    const hint = live?.status.state === 'open' ? t.toDoOpen : t.toDoNotOpen;
    return bad(t.bad(late, delivered, accepted, share), hint);
  }
  if (waiting) return busy(t.busy(waiting));
  return ok(t.ok(delivered, accepted, share, Math.round(median)));
}

function heartbeat({ live, now }) {
  const t = texts.check.heartbeat;
  if (!live?.openSince) return todo(t.todo);
  const last = live.heartbeat;
  if (now - (last ?? live.openSince) > SILENCE) return bad(t.bad, t.toDo);
  return last ? ok(t.ok(clock(last))) : busy(t.busy);
}
