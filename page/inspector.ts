import { CurvesView } from './inspector/curves.js';
import { h, setText } from './inspector/dom.js';
import { EventsView } from './inspector/events.js';
import { Recorder } from './inspector/recorder.js';
import { StreamsView } from './inspector/streams.js';
import { style } from './inspector/style.js';
import { TabsView } from './inspector/tabs.js';
import { texts } from './inspector/texts.js';
import { TimelineView } from './inspector/timeline-view.js';
import type { TabStream } from './stream.js';
import { parseTrace, type Trace } from './trace.js';

export type { Sample, Trace, TracedEvent } from './trace.js';
export { parseTrace };

/** How often the worker is looked at while the inspector is open, in milliseconds. */
const INTERVAL = 500;
const SHORTCUT = 'Alt+Shift+I';
/** How long an exported trace is kept for its download, in milliseconds. */
const KEEP_DOWNLOAD = 10_000;

/** Where there are no elements (server rendering) importing this must do no harm. */
const Base = (globalThis.HTMLElement ?? class {}) as typeof HTMLElement;

/**
 * `<tabcast-inspector>`: what the worker of a stream is doing, live. It opens by its `open` attribute,
 * and by the keys that its `shortcut` attribute names (`Alt+Shift+I` unless it says otherwise;
 * empty for none). It looks at the worker only while it is open.
 *
 * @public
 */
export class TabcastInspector extends Base {
  static readonly observedAttributes = ['open'];

  readonly #views = {
    streams: new StreamsView(),
    tabs: new TabsView(),
    curves: new CurvesView(),
    timeline: new TimelineView(),
    events: new EventsView(),
  };
  readonly #summary = h('p', { className: 'summary' });
  readonly #notice = h('p', { className: 'notice wide', role: 'alert' });
  readonly #pause = button(texts.pause, () => this.#setPaused(!this.#paused));
  readonly #payloads = h('input', { type: 'checkbox' });
  readonly #live = button(texts.live, () => this.#backToLive());
  readonly #file = h('input', { type: 'file', accept: '.json,application/json', hidden: true });
  readonly #close = button(texts.close, () => this.removeAttribute('open'));
  #stream: TabStream | null = null;
  #recorder: Recorder | undefined;
  #trace: Trace | undefined;
  #imported = false;
  #paused = false;
  #looking = false;
  #timer: ReturnType<typeof setInterval> | undefined;
  #connected: AbortController | undefined;
  /** What had the focus before the inspector was opened. */
  #before: Element | null = null;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    // A `<style>` would fall to a CSP without 'unsafe-inline'.
    root.adoptedStyleSheets = [sheet];
    const { streams, tabs, curves, timeline, events } = this.#views;
    const importing = button(texts.import, () => this.#file.click());
    this.#file.addEventListener('change', () => this.#import());
    this.#live.hidden = true;
    const controls = [
      this.#pause,
      button(texts.export, () => this.#download()),
      h('label', {}, this.#payloads, texts.payloads),
      importing,
      this.#file,
      this.#live,
      this.#close,
    ];
    root.append(
      h(
        'div',
        { className: 'panel', role: 'region', 'aria-label': texts.title },
        h('div', { className: 'header' }, h('h2', {}, texts.title), this.#summary, ...controls),
        h(
          'div',
          { className: 'body' },
          this.#notice,
          timeline.node,
          streams.node,
          h('div', { className: 'column' }, curves.node, tabs.node),
          events.node,
        ),
      ),
    );
  }

  /** The stream to look at; its worker's other streams are shown with it. */
  get stream(): TabStream | null {
    return this.#stream;
  }

  set stream(stream: TabStream | null) {
    if (stream === this.#stream) return;
    this.#stream = stream;
    this.#restart();
  }

  /** Whether it is open; the same as the attribute. */
  get open(): boolean {
    return this.hasAttribute('open');
  }

  set open(open: boolean) {
    this.toggleAttribute('open', open);
  }

  connectedCallback(): void {
    this.#connected = new AbortController();
    const { signal } = this.#connected;
    document.addEventListener('keydown', (event) => this.#pressed(event), { signal });
    document.addEventListener('visibilitychange', () => this.#restart(), { signal });
    this.#restart();
  }

  disconnectedCallback(): void {
    this.#connected?.abort();
    this.#connected = undefined;
    this.#stop();
  }

  attributeChangedCallback(_: string, before: string | null, after: string | null): void {
    if ((before === null) === (after === null)) return;
    this.#restart();
    // One that is open from the start does not take the focus.
    if (!this.#connected) return;
    if (after !== null) {
      this.#before = document.activeElement;
      this.#close.focus();
    } else if (this.#before instanceof HTMLElement) {
      this.#before.focus();
    }
  }

  /** What the inspector has seen, as it would be exported; nothing before it has looked. */
  trace({ payloads = false }: { payloads?: boolean } = {}): Trace | undefined {
    if (!this.#trace || payloads) return this.#trace;
    return {
      ...this.#trace,
      events: this.#trace.events.map((event) => ({ ...event, data: null })),
    };
  }

  /** Shows an exported trace. Throws a `TabcastError` (`invalid-trace`) where the text is none. */
  showTrace(text: string): void {
    const trace = parseTrace(text);
    this.#imported = true;
    this.#live.hidden = false;
    setText(this.#notice, texts.imported(new Date(trace.inspection.at).toLocaleString()));
    this.#show(trace);
  }

  #pressed(event: KeyboardEvent): void {
    const shortcut = this.getAttribute('shortcut') ?? SHORTCUT;
    if (shortcut && matches(event, shortcut)) {
      event.preventDefault();
      this.open = !this.open;
    } else if (event.key === 'Escape' && event.composedPath().includes(this)) {
      this.open = false;
    }
  }

  #restart(): void {
    this.#stop();
    if (!this.open || !this.isConnected || document.visibilityState === 'hidden') return;
    if (!this.#stream) {
      if (!this.#imported) setText(this.#notice, texts.noStream);
      return;
    }
    if (this.#recorder?.stream !== this.#stream) {
      this.#recorder?.end();
      this.#recorder = new Recorder(this.#stream);
    }
    this.#timer = setInterval(() => this.#tick(), INTERVAL);
    this.#tick();
  }

  #stop(): void {
    clearInterval(this.#timer);
    if (this.open && this.#stream && this.isConnected) return;
    this.#recorder?.end();
    this.#recorder = undefined;
  }

  async #tick(): Promise<void> {
    if (this.#looking || this.#imported || this.#paused || !this.#recorder) return;
    const recorder = this.#recorder;
    this.#looking = true;
    try {
      const trace = await recorder.look();
      if (this.#imported || this.#recorder !== recorder) return;
      setText(this.#notice, '');
      this.#show(trace);
    } catch {
      if (!this.#imported) setText(this.#notice, texts.noAnswer);
    } finally {
      this.#looking = false;
    }
  }

  #show(trace: Trace): void {
    this.#trace = trace;
    const { tabs, streams, at } = trace.inspection;
    setText(this.#summary, texts.summary(tabs.length, streams.length));
    this.#views.streams.show(trace, at);
    this.#views.tabs.show(trace);
    this.#views.curves.show(trace);
    this.#views.timeline.show(trace);
    this.#views.events.show(trace);
  }

  #setPaused(paused: boolean): void {
    this.#paused = paused;
    setText(this.#pause, paused ? texts.resume : texts.pause);
  }

  #backToLive(): void {
    this.#imported = false;
    this.#live.hidden = true;
    setText(this.#notice, '');
    this.#restart();
  }

  #download(): void {
    const trace = this.trace({ payloads: this.#payloads.checked });
    if (!trace) return;
    const file = new Blob([JSON.stringify(trace, null, 1)], { type: 'application/json' });
    const href = URL.createObjectURL(file);
    const time = new Date(trace.inspection.at).toISOString().replaceAll(':', '-');
    h('a', { href, download: `tabcast-trace-${time}.json` }).click();
    // Not every browser has read it by the end of the click.
    setTimeout(() => URL.revokeObjectURL(href), KEEP_DOWNLOAD);
  }

  async #import(): Promise<void> {
    const file = this.#file.files?.[0];
    this.#file.value = '';
    if (!file) return;
    try {
      this.showTrace(await file.text());
    } catch (error) {
      setText(this.#notice, error instanceof Error ? error.message : String(error));
    }
  }
}

function button(label: string, pressed: () => void): HTMLButtonElement {
  const node = h('button', { type: 'button' }, label);
  node.addEventListener('click', pressed);
  return node;
}

/** By the key's place and not by what it types: Alt changes that on some keyboards. */
function matches(event: KeyboardEvent, shortcut: string): boolean {
  const parts = shortcut.toLowerCase().split('+');
  const key = parts.pop() ?? '';
  const wanted = (name: string) => parts.includes(name);
  return (
    (event.code.toLowerCase() === `key${key}` || event.key.toLowerCase() === key) &&
    event.altKey === wanted('alt') &&
    event.shiftKey === wanted('shift') &&
    event.ctrlKey === wanted('ctrl') &&
    event.metaKey === wanted('meta')
  );
}

if (globalThis.customElements && !customElements.get('tabcast-inspector')) {
  customElements.define('tabcast-inspector', TabcastInspector);
}

declare global {
  interface HTMLElementTagNameMap {
    'tabcast-inspector': TabcastInspector;
  }
}
