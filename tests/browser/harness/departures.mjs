/** Cases in which a tab gets something else than the standard's reading, and what. */
const byTransport = {
  eventsource: {
    // An `EventSource` does not tell of an id in a block that dispatches nothing.
    'ids: a block without data, at the end, sets the id': {
      events: [{ type: 'message', data: 'a', lastEventId: '' }],
      lastEventId: '',
    },
    'ids: a resumed stream can lose its id': {
      events: [{ type: 'message', data: 'a', lastEventId: '7' }],
      lastEventId: '7',
    },
  },
  fetch: {
    // Tabcast delivers each id once. (An `EventSource` does not tell whose the id is.)
    "ids: the same id again is the event's own": {
      events: [{ type: 'message', data: 'a', lastEventId: '1' }],
      lastEventId: '1',
    },
    // Each connection is read from an empty id on, so that an empty one is no change.
    'ids: a resumed stream can lose its id': {
      events: [{ type: 'message', data: 'a', lastEventId: '7' }],
      lastEventId: '7',
    },
  },
};

const message = (data, lastEventId = '') => ({ type: 'message', data, lastEventId });

/** Cases that an engine's own `EventSource` reads in another way than the standard says. */
const byEngine = {
  chromium: {},
  firefox: {
    // It drops NUL from the stream, so that names and data close up around it.
    'fields: a NUL in a name makes it unknown': { events: [message('b\nd')], lastEventId: '' },
    'fields: a NUL in data stays': { events: [message('ab')], lastEventId: '' },
    // It drops the event of a block whose id has a NUL, and not the id alone.
    'ids: an id with NUL is ignored': { events: [], lastEventId: '' },
    'ids: an id with NUL leaves the one before': { events: [message('a', '1')], lastEventId: '1' },
    'ids: an id with NUL leaves the one of the same block': { events: [], lastEventId: '' },
    'streams: everything at once': {
      events: [{ type: 'a', data: 'x\n', lastEventId: '1' }, message(' z')],
      lastEventId: '',
    },
    // An id in a block without data does not last.
    'ids: a block without data sets the id': { events: [message('a')], lastEventId: '' },
  },
  webkit: {
    // It reads on as UTF-16 after that encoding's byte order mark, also at the second chunk.
    'comments: a comment with broken UTF-8': { events: [], lastEventId: '' },
    "utf-8: UTF-16's byte order mark is a broken character": { events: [], lastEventId: '' },
    // It takes a byte order mark off after a blank line too, but not one that comes in pieces.
    'utf-8: a byte order mark after a blank line is text': {
      events: [message('a'), message('b')],
      lastEventId: '',
    },
    'utf-8: a byte order mark in three chunks': { events: [], lastEventId: '' },
  },
};

/** What departs where the chunks are read apart, which a machine that stalls may not do. */
export const inChunks = ['utf-8: a byte order mark in three chunks'];

/** All that is known to differ: what differs besides, or does no more, fails the test. */
export const departures = (engine, transport) => ({
  ...byTransport[transport],
  ...(transport === 'eventsource' && byEngine[engine]),
});
