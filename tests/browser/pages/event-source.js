// Runs the cases of an `EventSource` with the browser's own and with the package's.
import * as tabcast from '/tabcast/index.js';
import { Case } from './event-source-case.js';
import { connection } from './event-source-connection.js';
import { dispatch } from './event-source-dispatch.js';
import { idl } from './event-source-idl.js';
import { sharing } from './event-source-sharing.js';

/** No case takes so long, in milliseconds. */
const LIMIT = 20_000;

const classes = { native: window.EventSource, shared: tabcast.SharedEventSource };
const tables = { idl, dispatch, connection, sharing };

async function run(name, implementation, table) {
  const context = new Case(classes[implementation], tabcast);
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${LIMIT} ms: ${context.log}`)), LIMIT);
  });
  try {
    await Promise.race([table[name](context), limit]);
    return null;
  } catch (error) {
    return `${error}\n${error.stack}`;
  } finally {
    clearTimeout(timer);
    context.end();
  }
}

/** Gives for each case of a table null, or what was wrong. */
async function runTable(tableName, implementation, atOnce) {
  const table = tables[tableName];
  const left = Object.keys(table);
  const results = {};
  const runOne = async () => {
    for (let name = left.shift(); name; name = left.shift()) {
      results[name] = await run(name, implementation, table);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, runOne));
  return results;
}

window.tab = { runTable, tabcast, newCase: () => new Case(tabcast.SharedEventSource, tabcast) };
