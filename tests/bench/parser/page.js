// Runs in the browser: both parsers on the same bytes, in turn, each round from the start.
import { createParser } from 'eventsource-parser';
import init, { Batches, Places } from '/decoder/decoder.js';
import { BatchEvent, countOf } from '../../../page/batch.ts';

const ready = init({ module_or_path: '/decoder/decoder_bg.wasm' });

/** What a listener reads of an event. `last` is the last event's data. */
class Reader {
  events = 0;
  units = 0;
  others = 0;
  last = '';

  read(data, type, id) {
    this.events += 1;
    this.units += data.length;
    this.others += (type?.length ?? 0) + (id?.length ?? 0);
    this.last = data;
  }
}

/** Bytes to events as listeners have them. */
function batches(chunks) {
  const stream = new Batches();
  const reader = new Reader();
  for (const chunk of chunks) {
    const batch = stream.feed(chunk);
    if (!batch) continue;
    const count = countOf(batch);
    for (let index = 0; index < count; index++) {
      const { data, type, id } = new BatchEvent(batch, index);
      reader.read(data, type, id);
    }
  }
  stream.free();
  return reader;
}

function npm(chunks) {
  const reader = new Reader();
  const parser = createParser({
    onEvent: ({ data, event, id }) => reader.read(data, event ?? 'message', id),
  });
  const decoder = new TextDecoder();
  for (const chunk of chunks) parser.feed(decoder.decode(chunk, { stream: true }));
  return reader;
}

/** Bytes to the places of events, without text. */
function places(chunks) {
  const stream = new Places();
  for (const chunk of chunks) stream.feed(chunk);
  const result = { events: stream.events(), units: stream.units() };
  stream.free();
  return result;
}

/** The browser's part in all of it: bytes to text, without events. */
function text(chunks) {
  const decoder = new TextDecoder();
  let units = 0;
  for (const chunk of chunks) units += decoder.decode(chunk, { stream: true }).length;
  return { units };
}

const contestants = { npm, batches, places, text };

/** The bytes of `count` events, cut into chunks. */
function stream({ count, dataSize, fields, chunkSize }) {
  const data = 'x'.repeat(dataSize);
  let text = '';
  for (let i = 0; i < count; i++) {
    const named = fields ? `event: new_message\nid: 5f3a-${i}\n` : '';
    text += `${named}data: ${data.slice(8)}${String(i).padStart(8, '0')}\n\n`;
  }
  const bytes = new TextEncoder().encode(text);
  const chunks = [];
  for (let at = 0; at < bytes.length; at += chunkSize) {
    chunks.push(bytes.subarray(at, at + chunkSize));
  }
  return { chunks, bytes: bytes.length };
}

/** Milliseconds for each contestant and round, after rounds that count for nothing. */
window.measure = async (shape, rounds) => {
  await ready;
  const { chunks, bytes } = stream(shape);
  const times = Object.fromEntries(Object.keys(contestants).map((name) => [name, []]));
  for (let round = -3; round < rounds; round++) {
    for (const [name, parse] of Object.entries(contestants)) {
      const start = performance.now();
      const result = parse(chunks);
      const time = performance.now() - start;
      check(name, result, shape, bytes);
      if (round >= 0) times[name].push(time);
    }
  }
  return { bytes, times };
};

function check(name, { events, units, last }, { count, dataSize }, bytes) {
  const right =
    events === undefined
      ? units === bytes
      : events === count &&
        units === count * dataSize &&
        (last ?? '').endsWith(last === undefined ? '' : String(count - 1).padStart(8, '0'));
  if (!right) throw new Error(`${name}: ${events} events, ${units} units, the last is ${last}`);
}
