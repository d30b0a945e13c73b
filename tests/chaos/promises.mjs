export const hosts = ['shared-worker', 'leader', 'page'];

/**
 * How long there may be one connection too many while one runtime takes the place of another, in
 * milliseconds: the server ends the older one of the same browser when it sees the newer one.
 */
export const HANDOVER = 250;
