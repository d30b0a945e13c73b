import assert from 'node:assert/strict';
import { runNode } from '../harness/node.mjs';

export async function idle(stage, block) {
  assert.equal(await runNode(block, stage.server), 'idle\n');
}
