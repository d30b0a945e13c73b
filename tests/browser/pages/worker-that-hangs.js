// The package's worker, made to hang when a test says so. Only the one that runs then hears it.
import '/tabcast/worker.js';

new BroadcastChannel('hang').onmessage = () => {
  // Long enough for every tab to give it up, and not for ever.
  for (const end = Date.now() + 60_000; Date.now() < end; );
};
