import { setTimeout as pause } from 'node:timers/promises';

/** What the server does to alice's streams, by kind; each is over when it is cleared. */
const serverFaults = {
  mute: { mute: true },
  stall: { stall_after: 1 },
  cut: { cut_after_bytes: 200 },
  refuse: { refuse: true },
  'status 500': { status: 500 },
  'status 503': { status: 503 },
  'status 429': { status: 429 },
  'wrong content type': { wrong_content_type: true },
  redirect: { redirect: '/healthz' },
  duplicate: { duplicate: true },
  delay: { delay: 40 },
  throttle: { throttle: 4_000 },
  split: { split: 7 },
  buffer: { buffer: 3_000 },
  'no heartbeat': { no_heartbeat: true },
  'bad UTF-8': { bad_utf8: true },
  'huge event': { huge_event: 300_000 },
};

/** How long a fault lasts, and how long it is calm after it, in milliseconds. */
const LASTS = [200, 2_500];
const CALM = [100, 900];

/** What can go wrong between the browser and its server, each as `(stage, lasts) => done`. */
const faults = {
  ...Object.fromEntries(
    Object.entries(serverFaults).map(([kind, fault]) => [
      kind,
      async (stage, lasts) => {
        await stage.server.fault(fault);
        await pause(lasts);
        await stage.server.fault({});
      },
    ]),
  ),
  'server asked to end': (stage, lasts) => restart(stage, 'SIGTERM', lasts),
  'server killed': (stage, lasts) => restart(stage, 'SIGKILL', lasts),
  'network away': async ({ tap }, lasts) => {
    await tap.away();
    await pause(lasts);
    await tap.back();
  },
  'requests hang': async ({ tap }, lasts) => {
    tap.hold('/events');
    await pause(lasts);
    tap.hold(undefined);
    // What hangs is not answered any more.
    await tap.away();
    await tap.back();
  },
  'browser stopped': ({ stopBrowser }, lasts) => stopBrowser(() => pause(lasts)),
};

async function restart({ server }, signal, lasts) {
  await server.end(signal);
  await pause(lasts / 4);
  await server.startAgain();
}

/** One fault after the other, as the seed says, until `over()`. Counts them by kind. */
export async function environment(stage, random, over, count) {
  while (!over()) {
    const kind = random.pick(Object.keys(faults));
    const lasts = random.between(...LASTS);
    const calm = random.between(...CALM);
    count(kind);
    await faults[kind](stage, lasts);
    await pause(calm);
  }
}
