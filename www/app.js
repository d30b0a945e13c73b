// The diagnostic page: log in, connect, trigger, check. It uses the public API alone.
import { judge } from './checks.js';
import { byId, fillTexts } from './dom.js';
import { addEvent, addGap, clearFlow, showFlow } from './flow.js';
import { Live } from './live.js';
import { login, showLogin, startLogin } from './login.js';
import { Outbox } from './outbox.js';
import { appear } from './presence.js';
import { offerChats, showOutbox, startSending } from './send.js';
import { Session } from './session.js';
import { openAnotherTab, startCounting } from './sharing.js';
import { showStatus } from './status.js';
import { showSteps } from './steps.js';
import { texts } from './texts.js';

/** However much comes, the page is drawn no more often than this; also while it is hidden. */
const DRAW_AFTER = 40;
/** For what changes by itself: the countdown, and what is late. */
const TICK = 500;

let session = null;
let live = null;
let outbox = null;

let drawing = false;
function changed() {
  if (drawing) return;
  drawing = true;
  setTimeout(draw, DRAW_AFTER);
}

function draw() {
  drawing = false;
  const facts = { login, session, live, outbox: outbox?.summary(), now: Date.now() };
  showSteps(judge(facts));
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
  outbox = new Outbox(session, changed);
  offerChats(session);
  join();
}

function join() {
  live?.close();
  live = new Live(session, {
    change: changed,
    event: addEvent,
    gap: addGap,
    message: (payload) => outbox.came(payload),
  });
  changed();
}

function leave() {
  live.close();
  session.end();
  session = live = outbox = null;
  offerChats(null);
  clearFlow();
  changed();
}

fillTexts();
startLogin({ entered: enter, changed });
startSending(() => outbox);
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
startCounting();
