import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import axe from 'axe-core';
import { root } from '../../scripts/lib/paths.mjs';
import { selectedEngines } from '../../scripts/setup/browsers.mjs';
import { Browser } from './harness/browser.mjs';
import { eventually } from './harness/eventually.mjs';
import { Server } from './harness/server.mjs';
import { Tap } from './harness/tap.mjs';

for (const engine of selectedEngines()) {
  test(`${engine}: the inspector shows the worker, and no secret`, {
    timeout: 90_000,
  }, async (t) => {
    const server = await Server.start({ www: join(root, 'www'), flags: ['--heartbeat', '500ms'] });
    t.after(() => server.stop());
    const tap = await Tap.start(server.url);
    t.after(() => tap.stop());
    const browser = await Browser.start(engine);
    t.after(() => browser.stop());
    const [tab, other] = [await browser.open(tap.url), await browser.open(tap.url)];
    await logIn(tab, 'alice@test.com');
    await logIn(other, 'bob@test.com');

    await t.test('it opens by its keys, and Escape gives the focus back', async () => {
      const focus = await tab.run(async () => {
        const button = document.getElementById('open-inspector');
        button.focus();
        const { inspector } = window;
        const press = (init) =>
          (inspector.open ? inspector.shadowRoot.activeElement : document.body).dispatchEvent(
            new KeyboardEvent('keydown', { bubbles: true, composed: true, ...init }),
          );
        press({ code: 'KeyI', key: 'I', altKey: true, shiftKey: true });
        const opened = inspector.open && inspector.shadowRoot.activeElement.textContent;
        press({ key: 'Escape' });
        return [opened, inspector.open, document.activeElement === button];
      });
      assert.deepEqual(focus, ['Close', false, true]);
    });

    await t.test('streams, tabs, a drawn reconnect, and what came', async () => {
      await tab.run(() => {
        window.inspector.open = true;
      });
      await shows(tab, (text) => /2 tabs, 2 streams/.test(text));
      await tab.run(() => document.getElementById('reconnect').click());
      await tab.run(() => document.getElementById('send-ten').click());
      await shows(
        tab,
        (text, root) =>
          root.querySelectorAll('svg[role] .mark[aria-label*="stream 1 connects"]').length >= 2 &&
          [...root.querySelectorAll('.events tbody tr')].filter((row) =>
            row.textContent.includes('new_message'),
          ).length >= 10 &&
          /Lag \d+ ms/.test(text),
      );
      const seen = await tab.run(() => {
        const { shadowRoot } = window.inspector;
        const texts = (selector) =>
          [...shadowRoot.querySelectorAll(selector)].map((node) => node.textContent);
        return {
          badges: texts('.badge'),
          names: texts('.name strong'),
          tabs: texts('tbody')[0],
          marks: [...shadowRoot.querySelectorAll('svg[role] .mark')].map((mark) =>
            mark.getAttribute('aria-label'),
          ),
        };
      });
      assert.deepEqual(seen.badges, ['Open', 'Open']);
      assert.match(seen.names[0], /^1: http:.*\/events$/);
      assert.match(seen.names[1], /^2: http:\/\/127[^/]*$/, 'the origin alone of the other user');
      assert.match(seen.tabs, /this tab.*new_message/);
      assert.ok(
        seen.marks.filter((mark) => /stream 1 connects/.test(mark)).length >= 2,
        seen.marks,
      );
    });

    await t.test('a filter, and a payload that is opened', async () => {
      const found = await tab.run(() => {
        const { shadowRoot } = window.inspector;
        const filter = shadowRoot.querySelector('input[type=search]');
        filter.value = 'test message 7';
        filter.dispatchEvent(new Event('input'));
        const rows = shadowRoot.querySelectorAll('.events tbody tr');
        rows[0].querySelector('summary').click();
        return rows.length;
      });
      assert.equal(found, 1);
      await shows(tab, (text) => /"content": "Test message 7"/.test(text));
    });

    await t.test('the marks can be gone through with the keyboard', async () => {
      const told = await tab.run(() => {
        const { shadowRoot } = window.inspector;
        shadowRoot.querySelector('svg[role] .mark[tabindex="0"]').focus();
        const press = (key) =>
          shadowRoot.activeElement.dispatchEvent(
            new KeyboardEvent('keydown', { key, bubbles: true }),
          );
        press('End');
        press('ArrowLeft');
        const { activeElement } = shadowRoot;
        const label = activeElement.getAttribute('aria-label');
        const detail = shadowRoot.querySelector('.detail').textContent;
        activeElement.blur();
        return [label, detail];
      });
      assert.ok(told[0]);
      assert.equal(told[0], told[1]);
    });

    await t.test(
      'a trace has no secret, goes out and comes in; a bad file is told apart',
      async () => {
        const { text, whole, shown, error } = await tab.run(async () => {
          const { inspector } = window;
          const text = JSON.stringify(inspector.trace());
          const whole = JSON.stringify(inspector.trace({ payloads: true }));
          inspector.showTrace(text);
          const shown = inspector.shadowRoot.querySelector('.notice').textContent;
          const { parseTrace } = await window.load('/tabcast/inspector.js');
          const { TabcastError } = await window.load('/tabcast/index.js');
          let error;
          try {
            parseTrace('{}');
          } catch (thrown) {
            error = [thrown instanceof TabcastError, thrown.code];
          }
          return { text, whole, shown, error };
        });
        const token = await tab.run(
          () => JSON.parse(sessionStorage.getItem('tabcast-www:session')).token,
        );
        for (const exported of [text, whole]) {
          for (const secret of [token, 'access_token', 'client_id=']) {
            assert.ok(!exported.includes(secret), `${secret} in the trace`);
          }
        }
        assert.ok(!text.includes('Test message') && whole.includes('Test message'));
        assert.match(shown, /Nothing in it is live/);
        assert.deepEqual(error, [true, 'invalid-trace']);
      },
    );

    await t.test('metrics come, and one user with two connections is warned', async () => {
      const [first, second] = await tab.run(async () => {
        const { connect } = await window.load('/tabcast/index.js');
        const { token } = JSON.parse(sessionStorage.getItem('tabcast-www:session'));
        const { stream } = window.inspector;
        const next = (options) =>
          new Promise((resolve) => {
            const off = stream.onMetrics((metrics) => {
              if (!metrics.lag) return;
              off();
              resolve(metrics);
            }, options);
          });
        const first = await next({ interval: 200 });
        const extra = connect('/events?events=note', { token });
        await new Promise((resolve) => {
          extra.onStatus(({ state }) => state === 'open' && resolve(state));
        });
        const second = await next({ interval: 200 });
        window.extra = extra;
        const { shadowRoot } = window.inspector;
        const live = [...shadowRoot.querySelectorAll('button')].find(
          ({ textContent }) => textContent === 'Back to live',
        );
        live.click();
        return [first, second];
      });
      await shows(tab, (text) => /This user has 2 connections/.test(text));
      const code = await tab.run(() => {
        window.extra.close();
        return window.extra.inspect().catch((error) => error.code);
      });
      assert.deepEqual([first.connections, first.connectionsSaved, first.warnings], [1, 0, []]);
      assert.ok(first.lag.samples >= 1 && first.lag.median >= 0, JSON.stringify(first.lag));
      assert.deepEqual(first.reconnects, { requested: 1 });
      assert.deepEqual(
        second.warnings.map(({ code }) => code),
        ['several-connections'],
      );
      assert.equal(code, 'no-answer');
    });

    await t.test('the sample sends the metrics with a beacon', async () => {
      const sent = await tab.run(async () => {
        const { sendMetrics } = await window.load('/samples/beacon.js');
        const { stream } = window.inspector;
        const send = navigator.sendBeacon.bind(navigator);
        const body = await new Promise((resolve) => {
          navigator.sendBeacon = (url, body) => {
            resolve(body);
            return send(url, body);
          };
          sendMetrics(stream, '/metrics-beacon', { interval: 100 });
        });
        return JSON.parse(body);
      });
      assert.deepEqual([sent.tabs, sent.connections], [1, 1]);
      await eventually(() => assert.ok(tap.to('/metrics-beacon').length > 0), 5_000);
    });

    await t.test('it fits 360 pixels, and axe finds nothing, wide and narrow', async () => {
      await tab.run(`() => { ${axe.source} }`);
      for (const [width, scheme] of [
        [1280, 'light'],
        [360, 'dark'],
      ]) {
        await tab.resize(width, 800);
        if (engine === 'chromium') await tab.prefer(scheme);
        const { over, found } = await tab.run(async () => {
          const { violations } = await window.axe.run(document, {
            runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'],
          });
          return {
            over: document.documentElement.scrollWidth - window.innerWidth,
            found: violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`),
          };
        });
        assert.deepEqual(found, []);
        assert.ok(over <= 0, `${over} pixels too wide at ${width}`);
      }
    });
  });
}

/** Logs in on the diagnostic page and waits until its stream is well. */
const logIn = (tab, email) =>
  tab.run(async (_, email) => {
    const buttons = [...document.querySelectorAll('#seeded button')];
    const panel = document.getElementById('diagnosis');
    window.inspector = document.querySelector('tabcast-inspector');
    window.load = (name) => import(name);
    /** @type {HTMLElement} */ (
      buttons.find((button) => button.textContent.includes(email))
    ).click();
    await new Promise((resolve) => {
      const look = () => panel.dataset.cause === 'fine' && resolve(true);
      new MutationObserver(look).observe(panel, { attributes: true });
      look();
    });
  }, email);

/** Waits until what the inspector shows, its text and its tree, fits. */
const shows = (tab, fits) =>
  tab.run(
    `async () => {
      const { shadowRoot } = window.inspector;
      const fits = ${fits};
      await new Promise((resolve, reject) => {
        const look = () => fits(shadowRoot.textContent, shadowRoot) && resolve();
        new MutationObserver(look).observe(shadowRoot, { subtree: true, childList: true, characterData: true, attributes: true });
        setTimeout(() => reject(new Error('the inspector shows ' + shadowRoot.textContent)), 15000);
        look();
      });
    }`,
  );
