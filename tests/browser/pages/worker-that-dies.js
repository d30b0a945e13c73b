// The package's worker, made to die when a test says so.
import '/tabcast/worker.js';

new BroadcastChannel('die').onmessage = () => self.close();
