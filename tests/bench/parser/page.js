// Runs in the browser: both parsers on the same bytes, in turn, each round from the start.
import { createParser } from 'eventsource-parser';
import init, { Events, Places } from '/decoder/decoder.js';

const ready = init({ module_or_path: '/decoder/decoder_bg.wasm' });

const wasm = (Kind) => (chunks) => {
  const stream = new Kind();
  for (const chunk of chunks) stream.feed(chunk);
  const result = { events: stream.events(), units: stream.units(), last: stream.last?.() };
  stream.free();
  return result;
};

function npm(chunks) {
  let events = 0;
  let units = 0;
  let last;
  const parser = createParser({
    onEvent({ data }) {
      events += 1;
      units += data.length;
      last = data;
    },
  });
  const decoder = new TextDecoder();
  for (const chunk of chunks) parser.feed(decoder.decode(chunk, { stream: true }));
  return { events, units, last };
}

const contestants = {
  places: wasm(Places),
  events: wasm(Events),
  npm,
};

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
  const times = { places: [], events: [], npm: [] };
  for (let round = -3; round < rounds; round++) {
    for (const [name, parse] of Object.entries(contestants)) {
      const start = performance.now();
      const { events, units, last } = parse(chunks);
      const time = performance.now() - start;
      const expected = String(shape.count - 1).padStart(8, '0');
      if (
        events !== shape.count ||
        units !== shape.count * shape.dataSize ||
        !(last ?? expected).endsWith(expected)
      ) {
        throw new Error(`${name}: ${events} events, ${units} units, the last is ${last}`);
      }
      if (round >= 0) times[name].push(time);
    }
  }
  return { bytes, times };
};
