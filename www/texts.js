/** Every text of the page, in one place. */

const count = (n, one, many) => `${n} ${n === 1 ? one : many}`;
const messages = (n) => count(n, 'message', 'messages');

export const texts = {
  page: {
    skip: 'Skip to the checklist',
    tagline: 'One live connection per browser, however many tabs.',
    title: (user, state) => `${user} · ${state} · Tabcast`,
    loggedOutTitle: 'Tabcast',
  },

  api: {
    noAnswer: 'The server does not answer.',
    status: (status) => `The server answered with status ${status}.`,
  },

  steps: {
    title: 'Check the stream',
    login: 'Log in',
    connect: 'Connect',
    trigger: 'Trigger',
    check: 'Check',
    states: { todo: 'not yet', busy: 'in progress', ok: 'done', bad: 'failed' },
    announce: (step, state) => `${step}: ${state}.`,
  },

  login: {
    seeded: 'Choose a user to log in with one click. All four have the password “password”.',
    other: 'Another account',
    email: 'E-mail',
    password: 'Password',
    submit: 'Log in',
    out: 'Log out or switch user',
    incomplete: 'Fill in both the e-mail address and the password.',
    ended: 'The session has ended: the server no longer takes its token.',
    endedToDo: 'Log in again.',
    admin: 'admin',
    todo: 'Nobody is logged in here yet.',
    busy: 'Logging in …',
    ok: (name, email) => `Logged in as ${name} (${email}).`,
    bad: 'The log-in failed.',
    toDo: {
      0: 'Check that the server runs and that this page can reach it.',
      401: 'Check the address and the password, or choose one of the users.',
      other: 'Look into the server’s log.',
    },
  },

  connect: {
    connect: 'Connect',
    reconnect: 'Reconnect',
    close: 'Close',
    open: {
      todo: 'The stream opens once someone is logged in.',
      busy: 'Opening the stream …',
      ok: (transport, host) => `The stream is open: ${transport} in the ${host}.`,
      closed: 'This tab has left the stream.',
      closedToDo: 'Connect to join it again.',
      bad: (why) => `The stream is not open: ${why}.`,
      again: (why) => `The stream is not open: ${why}. Trying again …`,
      polling: (why) => `The stream is not open: ${why}. Events are polled meanwhile.`,
      why: (reason, httpStatus) => (httpStatus ? `${reason}, HTTP status ${httpStatus}` : reason),
    },
    confirmed: {
      todo: 'The server’s first event, connection_confirmed, has not come yet.',
      busy: 'Waiting for the server’s first event, connection_confirmed …',
      ok: (time, user, chats) =>
        `connection_confirmed seen at ${time}: user ${user}, ${
          chats.length === 1 ? 'chat' : 'chats'
        } ${chats.join(', ') || 'none'}.`,
      elsewhere: (time) =>
        `connection_confirmed was seen at ${time} by another tab; this one shares its connection.`,
      notRecovered:
        'The server’s log no longer reached back to the last event: some were lost, so an app reads its state anew now.',
      bad: 'The stream is open, but connection_confirmed did not come.',
      toDo: 'A proxy may be holding the stream back, or the tab joined a stream that was open already: reconnect.',
    },
  },

  send: {
    legend: 'Send a message',
    chat: 'Chat',
    message: 'Message',
    one: 'Send',
    ten: 'Send 10',
    placeholder: (n) => `Test message ${n}`,
    noChats: 'This user is in no chat.',
    todo: 'No message sent from this tab yet.',
    todoHint: 'Choose a chat and send one: every member gets it, the sender too.',
    busy: 'Sending …',
    ok: (n) => `The server accepted ${messages(n)}.`,
    bad: (error) => `The last message was not accepted. ${error}`,
    toDo: 'Nothing was delivered to anyone; send it again once this is solved.',
  },

  check: {
    seen: {
      todo: 'No new_message seen in this tab yet.',
      ok: (n, time, chat) =>
        `${count(n, 'new_message', 'new_message events')} seen, the last at ${time} in chat ${chat}.`,
    },
    delivered: {
      todo: 'None of this tab’s messages has gone out yet.',
      busy: (waiting) => `${messages(waiting)} on the way back …`,
      ok: (delivered, accepted, share, median) =>
        `${delivered} of ${accepted} own messages delivered (${share} %), ${median} ms in the median.`,
      bad: (late, delivered, accepted, share) =>
        `${messages(late)} not back in time; ${delivered} of ${accepted} delivered (${share} %).`,
      toDoOpen:
        'The stream is open but mute: reconnect; if that does not help, look for a proxy that buffers.',
      toDoNotOpen: 'They come once the stream is open again: nothing is lost meanwhile.',
    },
    heartbeat: {
      todo: 'No heartbeat (ping) seen yet.',
      busy: 'Waiting for a heartbeat (ping); the server sends one every 30 seconds unless it was told otherwise …',
      ok: (time) => `Heartbeat (ping) seen, the last at ${time}.`,
      bad: 'No heartbeat (ping) for more than 75 seconds.',
      toDo: 'Check the server’s --heartbeat, and the idle time-out of each proxy in between.',
    },
  },

  outbox: {
    title: 'The last messages of this tab',
    states: {
      sending: 'sending',
      waiting: 'waiting',
      delivered: (ms) => `delivered in ${ms} ms`,
      failed: 'not accepted',
    },
  },

  diagnosis: {
    title: 'Diagnosis',
    causes: {
      'logged-out': { title: 'Not logged in', seen: 'A stream belongs to a user: log in first.' },
      connecting: { title: 'Connecting', seen: 'The stream has not given its first event yet.' },
      left: {
        title: 'Not connected',
        seen: 'This tab has left the stream.',
        toDo: 'Connect to join it again.',
      },
      paused: {
        title: 'Paused',
        seen: 'Nobody looks at the page: the stream waits until somebody does.',
      },
      fine: {
        title: 'All is well',
        seen: ({ heartbeat }) =>
          heartbeat
            ? 'The stream is open, and heartbeats and events arrive.'
            : 'The stream is open, and its first event has come; the first heartbeat is yet to come.',
      },
      'server-away': {
        title: 'The server is away',
        seen: 'Neither the stream nor any other request gets an answer.',
        toDo: 'Check that the server runs and can be reached from here. The stream comes back by itself.',
      },
      refused: {
        title: 'The stream is refused',
        seen: 'The server answers other requests, but no connection to the stream’s URL comes about.',
        toDo: 'Check the URL, the CORS headers of its answer, and rules of a proxy or firewall for this path.',
      },
      mute: {
        title: 'Connected, but mute',
        seen: 'The server took the connection, and not one event came through it.',
        toDo: 'Most likely a proxy holds the response back, or the server does not flush it. nginx: `proxy_buffering off;`, or answer with `X-Accel-Buffering: no`; switch off compression for the path.',
      },
      buffered: {
        title: 'A proxy buffers the stream',
        seen: ({ milliseconds }) =>
          `Heartbeats that were sent over ${(milliseconds / 1000).toFixed(1)}\u00a0s came all at once: something on the way collects them.`,
        toDo: 'Switch buffering off for this path. nginx: `proxy_buffering off;`, or answer with `X-Accel-Buffering: no`; switch off compression for the path.',
      },
      silent: {
        title: 'The stream fell silent',
        seen: ({ seconds }) =>
          seconds
            ? `The stream is open, but nothing has come for ${seconds}\u00a0s, not even a heartbeat.`
            : 'Events came, and then nothing, not even a heartbeat.',
        toDo: 'The server hangs or sends no heartbeat, or a proxy dropped the connection without a word: check the server’s `--heartbeat` and the idle time-out of each proxy.',
      },
      'no-heartbeat': {
        title: 'No heartbeat',
        seen: ({ seconds }) => `Events arrive, but no ping for ${seconds}\u00a0s.`,
        toDo: 'Without heartbeats a dead stream is noticed late: check the server’s `--heartbeat`, and that nothing filters `ping`.',
      },
      cut: {
        title: 'The stream is cut again and again',
        seen: ({ times }) =>
          `It opened and was ended ${count(times, 'time', 'times')} in the last half minute.`,
        toDo: 'The server restarts, or a proxy ends long responses: look into its log, and at nginx’s `proxy_read_timeout`.',
      },
      unavailable: {
        title: 'The server cannot serve the stream',
        seen: ({ httpStatus }) => `It answered with status ${httpStatus}.`,
        toDo: 'It is overloaded, at its limit of connections, or failing: look into its log. The stream is tried again with growing waits.',
      },
      token: {
        title: 'The token is not accepted',
        seen: ({ httpStatus }) =>
          httpStatus
            ? `The stream was answered with status ${httpStatus}, also with a fresh token.`
            : 'The session has ended: the server no longer takes its token.',
        toDo: 'Log in again. If that does not help: check the secret that the server signs with, and both clocks.',
      },
      'content-type': {
        title: 'The answer is no event stream',
        seen: 'Its content type is not text/event-stream.',
        toDo: 'Check the URL, and that no login page or error page of a proxy answers in the server’s place.',
      },
      'not-mine': {
        title: 'Events arrive, but not these',
        seen: ({ found, type, types }) => {
          if (found === undefined) return 'A message was accepted, and did not come back.';
          return found
            ? `The server has the message in this user’s log as ${type}, and this tab listens for ${types.join(', ')}.`
            : 'The server accepted the message, and did not put it into this user’s log.';
        },
        toDo: ({ found, type }) => {
          const listen = `Listen for \`${type}\`, or have the server send the type that the app expects: they must be alike letter by letter.`;
          const member = 'Check that this user is a member of the chat or group it was sent to.';
          if (found === undefined) return 'Look for the message in the server’s log of this user.';
          return found ? listen : member;
        },
      },
      'other-user': {
        title: 'The stream is another user’s',
        seen: ({ user }) => `The server confirmed user ${user}, who is not the one logged in here.`,
        toDo: 'Check where the app gets its token from, and give `identity` or a token with a `sub`.',
      },
      stopped: {
        title: 'The server asked to stop',
        seen: 'It answered with status 204, which ends a stream for good.',
        toDo: 'The app or a proxy answers so on purpose, after a log-out or at a limit, say: look into its log. “Reconnect” tries again.',
      },
      rejected: {
        title: 'The request is refused for good',
        seen: ({ httpStatus }) => `The stream was answered with status ${httpStatus}.`,
      },
      superseded: {
        title: 'Another connection took over',
        seen: 'The server ended this one for a newer one of the same user.',
      },
      'too-large': {
        title: 'An event is too large',
        seen: 'The stream was ended at a line or event above the limit.',
      },
      offline: { title: 'No network', seen: 'The browser says that it is offline.' },
      exhausted: { title: 'Given up', seen: 'The limit of attempts is reached.' },
      worker: {
        title: 'The runtime did not start',
        seen: 'The worker or its WebAssembly did not load.',
      },
    },
  },

  settings: {
    title: 'Connection settings',
    transport: 'Transport',
    transports: { auto: 'automatic', eventsource: 'EventSource', fetch: 'fetch' },
    poll: 'Poll while mute',
    polls: { on: 'yes', off: 'no' },
    types: 'Event types of messages',
    firstData: 'First event within (ms)',
    silence: 'Silent for at most (ms)',
    connectTimeout: 'Open within (ms)',
    apply: 'Apply and reload',
    wrong: (message) => `These settings do not work: ${message}`,
  },

  publish: {
    title: 'Publish an event',
    audience: 'To',
    audiences: { user: 'one user', group: 'a group', all: 'everybody' },
    whom: 'User',
    group: 'Group',
    type: 'Event type',
    data: 'Data',
    priority: 'Priority',
    priorities: { 0: 'normal', 1: 'high', 2: 'urgent' },
    ttl: 'Expires after (s)',
    never: 'never',
    persist: 'Keep in the log',
    submit: 'Publish',
    user: (id) => ({ 1: 'Super', 2: 'Test', 3: 'Alice', 4: 'Bob' })[id],
    admin: 'As an admin you may publish to anyone.',
    notAdmin: 'You may publish to yourself; log in as Super to publish to others.',
    done: (id, delivered, persisted) =>
      `Event ${id}: queued for ${count(delivered, 'stream', 'streams')}, ${persisted ? 'kept in the log' : 'not kept'}.`,
  },

  faults: {
    title: 'Faults',
    note: 'Each makes the server do something wrong to this user’s streams. Watch whether the diagnosis names it.',
    off: 'To break the stream on purpose, start the server with --faults.',
    blindly: 'One of them, blindly',
    end: 'End the fault',
    blind: 'One of the faults is on. What does the diagnosis say?',
    named: (seconds) => `Named after ${seconds.toFixed(1)} s.`,
    notNamed: (seconds) => `Not named yet, after ${seconds.toFixed(0)} s.`,
    mended: (seconds) => `Well again ${seconds.toFixed(1)} s after its end.`,
    list: {
      mute: {
        name: 'Mute',
        should: 'The stream opens and nothing comes: events are polled, and the stream is probed.',
      },
      buffer: {
        name: 'Buffering proxy',
        should: 'Events come late and all at once, or not at all.',
      },
      cut: {
        name: 'Cut',
        should: 'The stream ends after each first event, and comes back with what was missed.',
      },
      refuse: {
        name: 'Refuse',
        should: 'No connection comes about; it is tried again with growing waits.',
      },
      unavailable: {
        name: '503',
        should: 'The server says that it is overloaded; it is tried again with growing waits.',
      },
      unauthorized: {
        name: '401',
        should: 'A fresh token is asked for, once; then it is tried again with growing waits.',
      },
      contentType: {
        name: 'Wrong content type',
        should: 'A page answers in the stream’s place; it is tried again.',
      },
      stall: {
        name: 'Fall silent',
        should: 'After its first event nothing more comes; the watchdog opens a new stream.',
      },
      noHeartbeat: {
        name: 'No heartbeat',
        should: 'Events come, pings do not; where nothing else comes, the watchdog bites.',
      },
      stopped: { name: '204', should: 'The stream is closed for good, until somebody reconnects.' },
    },
  },

  inspector: {
    open: 'Open the inspector',
    note: 'Or press Alt + Shift + I.',
  },

  sharing: {
    title: 'Tabs and connections',
    open: 'Open another tab',
    blocked: 'The browser blocked the new tab: allow pop-ups for this page.',
    unknown: '–',
    tabs: (n) => (n === 1 ? 'tab of this page' : 'tabs of this page'),
    connections: (n) => (n === 1 ? 'connection at the server' : 'connections at the server'),
    noServer: 'The server does not answer.',
    noLocks: 'This browser does not let the page count its tabs: it needs https or localhost.',
    none: 'No tab of this page has an open stream.',
    one: 'This tab has the connection to itself. Open another tab: the server still counts one.',
    shared: (tabs, connections) =>
      `${count(tabs, 'tab shares', 'tabs share')} ${count(connections, 'connection', 'connections')}.`,
    users: (users) => `They belong to ${users} users, and each user has a stream of their own.`,
    others: (n) => `${count(n, 'connection is', 'connections are')} of other browsers or pages.`,
    missing: 'The server counts fewer connections than there should be.',
  },

  status: {
    title: 'Stream',
    states: {
      idle: 'Not connected',
      connecting: 'Connecting',
      open: 'Open',
      waiting: 'Waiting to try again',
      polling: 'Polling',
      offline: 'Offline',
      'needs-auth': 'Needs a fresh token',
      closed: 'Closed',
    },
    fields: {
      url: 'URL',
      reason: 'Reason',
      httpStatus: 'HTTP status',
      attempt: 'Failed attempts',
      retry: 'Next attempt',
      transport: 'Transport',
      host: 'Host',
      lastEventId: 'Last event ID',
    },
    none: '–',
    retryIn: (seconds) => `in ${seconds} s`,
    retryNow: 'now',
    transports: { eventsource: 'EventSource', fetch: 'fetch' },
    hosts: { 'shared-worker': 'shared worker', leader: 'leading tab', page: 'page itself' },
  },

  flow: {
    title: 'Events',
    time: 'Time',
    type: 'Type',
    id: 'ID',
    via: 'Via',
    payload: 'Payload',
    none: 'No event yet. The first comes when the stream opens.',
    shown: (shown, total) =>
      total > shown
        ? `The last ${shown} of ${total} events, newest first.`
        : `${count(total, 'event', 'events')}, newest first.`,
    gap: 'events lost',
    gapPayload: (from, to, reason) =>
      `Events after ${from || 'an unknown ID'} and before ${
        to || 'an unknown ID'
      } cannot be had back (${reason}): an app reads its state anew now.`,
    cut: (length) => `… ${length} characters in all`,
  },
};
