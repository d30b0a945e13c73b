import type { MarkKind } from './timeline.js';

/** Every text of the inspector, in one place. */

const count = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`;
const seconds = (milliseconds: number): string => `${(milliseconds / 1_000).toFixed(1)} s`;

export const texts = {
  title: 'Tabcast inspector',
  close: 'Close',
  pause: 'Pause',
  resume: 'Go on',
  export: 'Export trace',
  payloads: 'with payloads',
  import: 'Import trace',
  live: 'Back to live',
  noStream: 'Give the inspector a stream to look at: set its `stream` property.',
  noAnswer: 'No worker answers: the stream of this tab is closed, or has not joined yet.',
  imported: (at: string) => `A trace of ${at}. Nothing in it is live.`,
  none: '–',

  summary: (tabs: number, streams: number) =>
    `${count(tabs, 'tab', 'tabs')}, ${count(streams, 'stream', 'streams')}`,

  streams: {
    title: 'Streams',
    foreign: 'Another user’s stream: only its state and its figures are shown.',
    states: {
      idle: 'Idle',
      connecting: 'Connecting',
      open: 'Open',
      waiting: 'Waiting',
      polling: 'Polling',
      offline: 'Offline',
      'needs-auth': 'Needs a token',
      closed: 'Closed',
    } as Record<string, string>,
    fields: {
      reason: 'Reason',
      host: 'Host',
      transport: 'Transport',
      attempt: 'Failed attempts',
      timers: 'Waits for',
      lastEventId: 'Last event ID',
      lag: 'Lag',
      tabs: 'Tabs',
      events: 'Events',
      kept: 'Kept for tabs',
      polls: 'Polls',
      gaps: 'Gaps',
      tokens: 'Tokens asked for',
      connections: 'Connections tried',
      recoveries: 'Recoveries',
    },
    hosts: {
      'shared-worker': 'shared worker',
      leader: 'leading tab',
      page: 'page',
    } as Record<string, string>,
    transports: { eventsource: 'EventSource', fetch: 'fetch' } as Record<string, string>,
    timers: {
      retry: 'next attempt',
      'connect-timeout': 'connect time-out',
      watchdog: 'watchdog',
      poll: 'next poll',
      'poll-timeout': 'poll time-out',
      'token-timeout': 'token time-out',
      pause: 'pause',
    } as Record<string, string>,
    due: (name: string, milliseconds: number) =>
      milliseconds > 0 ? `${name} in ${seconds(milliseconds)}` : `${name} now`,
    reason: (reason: string, httpStatus: number | null) =>
      httpStatus ? `${reason} (${httpStatus})` : reason,
    events: (events: number, polled: number) =>
      polled ? `${events}, ${polled} of them polled` : String(events),
    connections: (attempts: number, reconnects: [string, number][]) =>
      reconnects.length
        ? `${attempts}; again because of ${reconnects
            .map(([reason, times]) => `${reason} (${times})`)
            .join(', ')}`
        : String(attempts),
    recoveries: (times: number, mean: number, longest: number) =>
      times ? `${times}, ${seconds(mean)} in the mean, ${seconds(longest)} at most` : '0',
    lag: (milliseconds: number) => `${Math.round(milliseconds)} ms`,
  },

  tabs: {
    title: 'Tabs',
    tab: 'Tab',
    stream: 'Stream',
    visible: 'Visible',
    types: 'Listens for',
    token: 'Gives tokens',
    self: (id: number) => `${id} (this tab)`,
    yes: 'yes',
    no: 'no',
  },

  curves: {
    title: 'Throughput and lag',
    rate: 'Events per second',
    lag: 'Lag',
    perSecond: (rate: number) => `${rate < 10 ? rate.toFixed(1) : Math.round(rate)}/s`,
    most: (text: string) => `at most ${text}`,
  },

  timeline: {
    title: 'Timeline',
    window: 'Shows',
    windows: {
      60000: 'the last minute',
      300000: 'the last 5 minutes',
      1800000: 'the last half hour',
    } as Record<number, string>,
    label: 'What happened to the streams and tabs. Arrow keys go from mark to mark.',
    hint: 'Point at a mark, or go through them with the arrow keys.',
    empty: 'Nothing happened in this time.',
    lanes: {
      stream: (id: number) => `Stream ${id}`,
      tab: (id: number) => `Tab ${id}`,
    },
    marks: {
      connect: 'connects',
      retry: 'waits to try again',
      watchdog: 'watchdog: mute, silent or too slow',
      poll: 'polls',
      promotion: 'back from polling',
      gap: 'events lost',
      token: 'token refreshed',
      fault: 'fault',
    } satisfies Record<MarkKind, string>,
    states: { visible: 'visible', hidden: 'hidden' },
    detail: (time: string, what: string, stream: number, more: string) =>
      `${time}: stream ${stream} ${what}${more ? ` (${more})` : ''}`,
    tab: (id: number) => `tab ${id}`,
    now: 'now',
  },

  events: {
    title: 'Events',
    filter: 'Filter by type, ID or payload',
    time: 'Time',
    type: 'Type',
    id: 'ID',
    via: 'Via',
    size: 'Size',
    payload: 'Payload',
    none: 'No event yet since the inspector was opened.',
    shown: (shown: number, all: number) =>
      shown === all
        ? count(all, 'event', 'events')
        : `${shown} of ${count(all, 'event', 'events')}`,
    left: 'not in this trace',
    cut: (size: number) => `… ${size} characters in all`,
  },
};
