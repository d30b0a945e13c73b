/**
 * Tasks of this page, in order, each on its own: between two of them the browser runs microtasks,
 * as it does between two events of an `EventSource`. A timer would be clamped.
 */
const queue: (() => void)[] = [];
let channel: MessageChannel | undefined;

export function queueTask(task: () => void): void {
  if (!channel) {
    channel = new MessageChannel();
    channel.port1.onmessage = () => queue.shift()?.();
  }
  queue.push(task);
  channel.port2.postMessage(null);
}
