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
    hosts: { 'shared-worker': 'shared worker' },
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
