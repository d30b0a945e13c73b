import { debianPackages } from './apt.mjs';

const packages = { 'nats-server': '/usr/sbin/nats-server', 'nginx-light': '/usr/sbin/nginx' };

/** Installs what the server works with. */
export const daemons = () => debianPackages(packages, 'Testing the server');
