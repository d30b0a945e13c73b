import { debianPackages } from './apt.mjs';

const packages = { 'nginx-light': '/usr/sbin/nginx', caddy: '/usr/bin/caddy' };

/** Installs the proxies that the guide has configurations for. */
export const proxies = () => debianPackages(packages, 'Testing the guide');
