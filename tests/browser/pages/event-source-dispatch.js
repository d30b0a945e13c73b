/** What is dispatched: events, their members, their order. */
const message = (data) => `data: ${data}\n\n`;
const soon = 'retry: 50\n';

export const dispatch = {
  'an open is a plain event': async (c) => {
    const source = c.open(c.text(message('a')));
    c.equal([source.readyState, c.log], [0, []]);
    await c.logged(1);
    const [event] = c.events;
    c.equal([event.type, event.bubbles, event.cancelable], ['open', false, false]);
    c.ok(Object.getPrototypeOf(event) === Event.prototype && !('data' in event), 'an Event');
    c.ok(event.target === source, 'its target');
    c.equal(source.readyState, 1);
  },

  'a message is a MessageEvent': async (c) => {
    const source = await c.expect(c.text('id: 7\n', message('a')), ['open 1', 'message: a']);
    const event = c.events[1];
    c.ok(Object.getPrototypeOf(event) === MessageEvent.prototype, 'a MessageEvent');
    c.equal([event.bubbles, event.cancelable, event.target === source], [false, false, true]);
    c.equal([event.lastEventId, event.origin], ['7', location.origin]);
    c.equal([event.source, event.ports.length], [null, 0]);
  },

  'handlers hear what listeners hear': async (c) => {
    const source = c.open(c.stream([{ body: [soon, message('a')] }, { status: 204 }]));
    const heard = [];
    source.onopen = ({ type }) => heard.push(type);
    source.onmessage = ({ data }) => heard.push(data);
    source.onerror = ({ type }) => heard.push(`${type} ${source.readyState}`);
    await c.logged(4);
    await c.aWhile(1);
    c.equal(heard, ['open', 'a', 'error 0', 'error 2']);
  },

  'events have any type': async (c) => {
    const types = ['ping', 'superseded', 'connection_confirmed', '*', 'é', 'constructor', 'a b'];
    const body = types.map((type) => `event: ${type}\n${message('x')}`);
    const expected = types.map((type) => `${type}: x`);
    body.push(`event:\n${message('y')}`);
    expected.push('message: y');
    await c.expect(c.text(...body), ['open 1', ...expected], {}, types);
  },

  'events called open and error are messages': async (c) => {
    const stream = c.text(`event: open\n${message('o')}event: error\n${message('e')}`);
    const source = await c.expect(stream, ['open 1', 'open: o', 'error: e']);
    c.equal(source.readyState, 1);
  },

  'a listener that comes later hears what comes later': async (c) => {
    const stream = c.stream([
      { body: [soon, message('a')] },
      { body: ['event: x\ndata: b\n\n'], end: 'hold' },
    ]);
    const source = c.open(`${stream}`, {});
    await c.logged(3);
    const late = new Promise((resolve) => source.addEventListener('x', resolve, { once: true }));
    c.equal((await late).data, 'b');
  },

  'microtasks run between two events': async (c) => {
    const source = c.open(c.text(message('1') + message('2') + message('3')));
    const order = [];
    source.addEventListener('message', async ({ data }) => {
      order.push(data);
      for (let hops = 0; hops < 10; hops += 1) await null;
      order.push(`after ${data}`);
    });
    await c.logged(4);
    await c.aWhile(1);
    c.equal(order, ['1', 'after 1', '2', 'after 2', '3', 'after 3']);
  },

  'an error in a listener is reported and harms no other': async (c) => {
    const source = c.open(c.text(message('1') + message('2')));
    const reported = [];
    const report = (event) => {
      reported.push(event.error.message);
      event.preventDefault();
    };
    addEventListener('error', report);
    source.onmessage = ({ data }) => {
      throw new Error(`${c.run} ${data}`);
    };
    source.addEventListener('message', ({ data }) => c.log.push(data));
    await c.logged(4);
    await c.aWhile(1);
    removeEventListener('error', report);
    c.equal(c.log, ['open 1', 'message: 1', '1', 'message: 2', '2']);
    const mine = reported.filter((text) => text.startsWith(c.run));
    c.equal(mine, [`${c.run} 1`, `${c.run} 2`]);
  },

  'nothing comes after close': async (c) => {
    const stream = c.text(message('1') + message('2'), message('3'));
    const source = c.open(stream);
    source.onmessage = () => source.close();
    c.equal(await c.logged(2), ['open 1', 'message: 1']);
    await c.untilSeen(stream, ([request]) => !request.open);
    await c.aWhile();
    c.equal([c.log, source.readyState], [['open 1', 'message: 1'], 2]);
    source.close();
  },

  'closed while it connects, it says nothing': async (c) => {
    const stream = c.text(message('1'));
    const source = c.open(stream);
    source.close();
    c.equal(source.readyState, 2);
    await c.aWhile();
    c.equal(c.log, []);
  },

  'closed in open, it gives no message': async (c) => {
    const source = c.open(c.text(message('1')));
    source.onopen = () => source.close();
    await c.logged(1);
    await c.aWhile();
    c.equal(c.log, ['open 1']);
  },

  'the stream is read as the standard says': async (c) => {
    const body = [
      '\ufeffdata:a\n\n',
      ': comment\rretry: 50\rdata:  b\rdata\rdata: c\r\r',
      'id: 1\r\nevent: x\r\ndata: d\r\n\r\n',
      'data:e\nid: 2\0\n\n',
      'id\ndata: f\n\nevent: lost\n\ndataless: 1\n\n',
      message('ü€😀'),
      'data: never dispatched\n',
    ];
    const answers = [{ body }, { status: 204 }];
    const expected = ['open 1', 'message: a', 'message:  b\n\nc', 'x: d', 'message: e'];
    expected.push('message: f', 'message: ü€😀', 'error 0', 'error 2');
    await c.expect(c.stream(answers), expected, {}, ['x']);
    const ids = c.events.filter((event) => 'data' in event).map((event) => event.lastEventId);
    c.equal(ids, ['', '', '1', '1', '', '']);
  },
};
