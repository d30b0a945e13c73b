// The package's worker, which dies when it is told to, as it would with its process.
import '/tabcast/worker.js';

new BroadcastChannel('die').onmessage = () => self.close();
