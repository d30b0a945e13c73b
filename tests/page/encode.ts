import type { Batch } from '../../worker/messages.js';

/** A batch as tests write it down: a column for each of an event's parts. */
export interface PlainBatch extends Omit<Batch, 'text' | 'ids' | 'types' | 'places' | 'times'> {
  types: string[];
  ids: string[];
  data: string[];
  times: number[];
}

/** As `client-wasm/src/batch.rs` does it, with a character between the events' data. */
export function encode({ types, ids, data, times, ...rest }: PlainBatch): Batch {
  const known = [...new Set(types)];
  let dataEnd = 0;
  let idEnd = 0;
  const places = types.flatMap((type, index) => {
    const dataStart = dataEnd + 1;
    dataEnd = dataStart + (data[index] ?? '').length;
    const idStart = idEnd;
    idEnd += (ids[index] ?? '').length;
    return [known.indexOf(type), dataStart, dataEnd, idStart, idEnd];
  });
  return {
    ...rest,
    text: data.map((each) => `|${each}`).join(''),
    ids: ids.join(''),
    types: known,
    places: Uint32Array.from(places),
    times: Float64Array.from(times),
  };
}

/** The events `first` up to, not including, `end`, each with its number as its ID and data. */
export function numbered(first: number, end: number, epoch = 'e'): Batch {
  const data = Array.from({ length: end - first }, (_, index) => `${first + index}`);
  return encode({
    type: 'batch',
    epoch,
    first,
    via: 'stream',
    origin: '',
    types: data.map(() => 'message'),
    ids: data,
    data,
    times: data.map(() => 0),
  });
}
