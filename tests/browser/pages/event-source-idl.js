/** The interface: what a script sees of it without a connection. */
const nowhere = '/stream?answers=[{"status":204}]';

export const idl = {
  'it is called with new and a URL': (c) => {
    c.throws(() => c.EventSource(nowhere), 'TypeError');
    c.throws(() => new c.EventSource(), 'TypeError');
  },

  'a URL that cannot be parsed is a SyntaxError': (c) => {
    for (const url of ['http://this is invalid/', 'http://[', 'https:']) {
      const error = c.throws(() => new c.EventSource(url), 'SyntaxError');
      c.ok(error instanceof DOMException, 'a DOMException');
    }
  },

  'the URL is what it stringifies to, resolved in the page': (c) => {
    const url = (value) => c.open(value).url;
    const at = (path) => new URL(path, location.href).href;
    c.equal(url(nowhere), at(nowhere));
    c.equal(
      url('stream?answers=[{"status":204}]#part'),
      at('stream?answers=[{"status":204}]#part'),
    );
    c.equal(url(new URL(at(nowhere))), at(nowhere));
    c.equal(url({ toString: () => nowhere }), at(nowhere));
    for (const odd of [1, null, undefined, true]) c.equal(url(odd), at(String(odd)));
    c.equal(url('\ud800'), at('\ufffd'));
    c.throws(() => new c.EventSource(Symbol('x')), 'TypeError');
  },

  'the second argument is a dictionary': (c) => {
    const flag = (init) => c.open(nowhere, init).withCredentials;
    c.equal([undefined, null, {}, { withCredentials: undefined }].map(flag), Array(4).fill(false));
    c.equal(
      [true, 1, 'x', {}].map((value) => flag({ withCredentials: value })),
      Array(4).fill(true),
    );
    c.equal(flag(Object.create({ withCredentials: true })), true);
    for (const init of [1, 'x', true, Symbol('x')]) {
      c.throws(() => new c.EventSource(nowhere, init), 'TypeError');
    }
  },

  'the constants are everywhere and constant': (c) => {
    const source = c.open(nowhere);
    const constants = { CONNECTING: 0, OPEN: 1, CLOSED: 2 };
    for (const [name, value] of Object.entries(constants)) {
      for (const holder of [c.EventSource, c.EventSource.prototype]) {
        const constant = { value, writable: false, enumerable: true, configurable: false };
        c.equal(Object.getOwnPropertyDescriptor(holder, name), constant);
      }
      c.equal(source[name], value);
    }
  },

  'its members are those of the interface': (c) => {
    const { prototype } = c.EventSource;
    const names = ['CLOSED', 'CONNECTING', 'OPEN', 'close', 'onerror', 'onmessage', 'onopen'];
    names.push('readyState', 'url', 'withCredentials');
    c.equal(Object.keys(prototype).sort(), names);
    for (const name of ['url', 'withCredentials', 'readyState']) {
      const { get, set } = Object.getOwnPropertyDescriptor(prototype, name);
      c.ok(get && set === undefined, `${name} is read only`);
      c.equal([get.name, get.length], [`get ${name}`, 0]);
      c.throws(() => get.call({}), 'TypeError');
    }
    for (const name of ['onopen', 'onmessage', 'onerror']) {
      const { get, set } = Object.getOwnPropertyDescriptor(prototype, name);
      c.equal([get.name, set.name, set.length], [`get ${name}`, `set ${name}`, 1]);
    }
    c.equal(prototype.close.length, 0);
    c.throws(() => prototype.close.call({}), 'TypeError');
    c.equal([c.EventSource.name, c.EventSource.length], ['EventSource', 1]);
    c.equal(Object.getOwnPropertyDescriptor(prototype, Symbol.toStringTag), {
      value: 'EventSource',
      writable: false,
      enumerable: false,
      configurable: true,
    });
    c.equal(String(c.open(nowhere)), '[object EventSource]');
  },

  'it is an EventTarget': (c) => {
    const source = c.open(nowhere);
    c.ok(source instanceof EventTarget && source instanceof c.EventSource, 'an instance of both');
    c.equal(Object.getPrototypeOf(c.EventSource), EventTarget);
    c.equal(Object.getPrototypeOf(c.EventSource.prototype), EventTarget.prototype);
    const heard = [];
    const aborted = new AbortController();
    source.addEventListener('x', { handleEvent: () => heard.push('object') });
    source.addEventListener('x', () => heard.push('once'), { once: true });
    source.addEventListener('x', () => heard.push('signal'), { signal: aborted.signal });
    source.addEventListener('x', null);
    source.dispatchEvent(new Event('x'));
    aborted.abort();
    source.dispatchEvent(new Event('x'));
    c.equal(heard, ['object', 'once', 'signal', 'object']);
    c.throws(() => source.addEventListener('x'), 'TypeError');
  },

  'it can be extended': (c) => {
    class Mine extends c.EventSource {
      mine = true;
    }
    const source = new Mine(nowhere);
    c.ok(source.mine && source instanceof c.EventSource, 'an instance of both');
    c.equal(source.readyState, Mine.CONNECTING);
    source.close();
    c.equal(source.readyState, 2);
  },

  'a handler takes functions and objects': (c) => {
    const source = c.open(nowhere);
    for (const name of ['onopen', 'onmessage', 'onerror']) {
      c.equal(source[name], null);
      const handler = () => {};
      source[name] = handler;
      c.ok(source[name] === handler, 'a function stays');
      for (const odd of [1, 'x', undefined, true]) {
        source[name] = handler;
        source[name] = odd;
        c.equal(source[name], null);
      }
      const object = { handleEvent: () => c.ok(false, 'an object is not called') };
      source[name] = object;
      c.ok(source[name] === object, 'an object stays');
      source.dispatchEvent(new Event(name.slice(2)));
      source[name] = null;
    }
  },

  'a handler has the place where it was first set': (c) => {
    const source = c.open(nowhere);
    const heard = [];
    const hear = (what) => (event) => heard.push(`${what} ${event.type}`);
    source.addEventListener('message', hear('1'));
    source.onmessage = hear('a');
    source.addEventListener('message', hear('2'));
    source.onmessage = hear('b');
    source.dispatchEvent(new Event('message'));
    source.onmessage = null;
    source.onmessage = hear('c');
    source.dispatchEvent(new Event('message'));
    const message = (names) => names.map((name) => `${name} message`);
    c.equal(heard, message(['1', 'b', '2', '1', '2', 'c']));
  },

  'a handler is called on its source': (c) => {
    const source = c.open(nowhere);
    const seen = [];
    source.onmessage = function (event) {
      seen.push(this === source, event.currentTarget === source);
      return false;
    };
    const event = new Event('message', { cancelable: true });
    source.dispatchEvent(event);
    c.equal([...seen, event.defaultPrevented], [true, true, true]);
  },
};
