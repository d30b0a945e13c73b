/** `EventSource`'s constants (https://html.spec.whatwg.org/multipage/server-sent-events.html#the-eventsource-interface). */
export const CONNECTING = 0;
export const OPEN = 1;
export const CLOSED = 2;

/**
 * Gives a class what Web IDL asks of an interface and a class has not: members that can be
 * enumerated, constants on both sides, the interface's name
 * (https://webidl.spec.whatwg.org/#es-interfaces).
 */
export function asEventSource<Class extends { prototype: object }>(shape: Class): Class {
  const { prototype } = shape;
  for (const [name, member] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    // `addEventListener` is not the interface's own.
    if (name === 'constructor' || name === 'addEventListener') continue;
    Object.defineProperty(prototype, name, { ...member, enumerable: true });
  }
  for (const [name, value] of Object.entries({ CONNECTING, OPEN, CLOSED })) {
    Object.defineProperty(shape, name, { value, enumerable: true });
    Object.defineProperty(prototype, name, { value, enumerable: true });
  }
  const value = 'EventSource';
  Object.defineProperty(prototype, Symbol.toStringTag, { value, configurable: true });
  Object.defineProperty(shape, 'name', { value, configurable: true });
  Object.defineProperty(shape, 'length', { value: 1, configurable: true });
  return shape;
}
