// The diagnostic page: log in, connect, trigger, check. It uses the public API alone.
import '/tabcast/inspector.js';
import * as api from './api.js';
import { judge } from './checks.js';
import { diagnose } from './diagnosis.js';
import { byId, fillTexts } from './dom.js';
import { offerFaults, startFaults, watchFaults } from './faults.js';
import { addEvent, addGap, clearFlow, showFlow } from './flow.js';
import { Live } from './live.js';
import { login, showLogin, startLogin } from './login.js';
import { Outbox } from './outbox.js';
import { appear } from './presence.js';
import { offerPublishing, startPublishing } from './publish.js';
import { offerChats, showOutbox, startSending } from './send.js';
import { Session } from './session.js';
import { defaults, settings, showSettingsError, startSettings } from './settings.js';
import { openAnotherTab, server, startCounting } from './sharing.js';
import { showStatus } from './status.js';
import { showSteps } from './steps.js';
import { texts } from './texts.js';
import { showDiagnosis } from './verdict.js';

/** However much comes, the page is drawn no more often than this; also while it is hidden. */
const DRAW_AFTER = 40;
/** For what changes by itself: the countdown, and what is late. */
const TICK = 500;

let session = null;
let live = null;
let outbox = null;
/** What the server's log says of a message that is late. */
let lookup = null;

let drawing = false;
function changed() {
  if (drawing) return;
  drawing = true;
  setTimeout(draw, DRAW_AFTER);
}

function draw() {
  drawing = false;
  const now = Date.now();
  const facts = { login, session, live, outbox: outbox?.summary(), lookup, server, now };
  if (facts.outbox?.late) lookUp(outbox.missed());
  else lookup = null;
  showSteps(judge(facts));
  const diagnosis = diagnose(facts);
  showDiagnosis(diagnosis, live?.status.advice);
  watchFaults(diagnosis.cause, now);
  showLogin(session);
  showStatus(live);
  showOutbox(outbox?.latest(5) ?? []);
  showFlow();
  const joined = live?.joined ?? false;
  byId('connect').hidden = !session || joined;
  byId('reconnect').hidden = !joined;
  byId('close').hidden = !joined;
  appear(live?.openSince ? session.user.id : null);
  document.title = session
    ? texts.page.title(session.user.name, texts.status.states[live.status.state])
    : texts.page.loggedOutTitle;
}

function enter(entered) {
  session = entered;
  session.onEnded(() => {
    login.ended = true;
    leave();
  });
  outbox = new Outbox(session, changed, () => live.status.lastEventId);
  offerChats(session);
  offerPublishing(session);
  offerFaults(session);
  join();
}

function join() {
  live?.close();
  const on = {
    change: changed,
    event: addEvent,
    gap: addGap,
    message: (payload) => outbox.came(payload),
  };
  try {
    live = new Live(session, settings(), on);
    showSettingsError(null);
  } catch (error) {
    showSettingsError(error);
    live = new Live(session, defaults(), on);
  }
  byId('inspector').stream = live.stream;
  changed();
}

function leave() {
  byId('inspector').stream = null;
  live.close();
  session.end();
  session = live = outbox = null;
  offerChats(null);
  offerPublishing(null);
  offerFaults(null);
  clearFlow();
  changed();
}

/** Asks, once for each message, whether and as what the server has it in this user's log. */
async function lookUp(entry) {
  if (lookup?.entry === entry) return;
  const own = { entry };
  lookup = own;
  const events = await api.pending(session.token, entry.after).catch(() => null);
  const event = events?.find(({ data }) => data?.message?.client_ref === entry.ref);
  own.done = true;
  if (events) Object.assign(own, { found: Boolean(event), type: event?.event_type });
  changed();
}

fillTexts();
startSettings();
startPublishing((types) => live.listenFor(types));
startFaults({ changed, reconnect: () => live.joined && live.reconnect() });
startLogin({ entered: enter, changed });
startSending(() => outbox);
byId('open-inspector').addEventListener('click', () => {
  byId('inspector').open = true;
});
byId('log-out').addEventListener('click', leave);
byId('connect').addEventListener('click', join);
byId('reconnect').addEventListener('click', () => live.reconnect());
byId('close').addEventListener('click', () => {
  live.close();
  changed();
});
byId('another-tab').addEventListener('click', openAnotherTab);
setInterval(changed, TICK);

const restored = Session.restore();
if (restored) enter(restored);
draw();
startCounting(changed);
