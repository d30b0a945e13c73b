import { debianPackages } from './apt.mjs';

export const proxyBinaries = { nginx: '/usr/sbin/nginx', caddy: '/usr/bin/caddy' };

/** Installs the proxies that the guide has configurations for. */
export const proxies = () =>
  debianPackages(
    { 'nginx-light': proxyBinaries.nginx, caddy: proxyBinaries.caddy },
    'Testing the guide',
  );
