import { Missing, notice } from '../lib/log.mjs';
import { debianPackages } from './apt.mjs';

const packages = { 'nats-server': '/usr/sbin/nats-server', 'nginx-light': '/usr/sbin/nginx' };

/** Installs what the server is tested with. Without it, all but a few of its tests can run. */
export async function daemons() {
  try {
    await debianPackages(packages, 'Testing the server');
  } catch (error) {
    if (!(error instanceof Missing) || process.env.CI === 'true') throw error;
    notice(error.message);
  }
}
