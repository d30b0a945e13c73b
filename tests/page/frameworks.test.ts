/** Where there is no browser, components render and nothing is connected or left running. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { get } from 'svelte/store';
import { createSSRApp, h } from 'vue';
import { renderToString as renderVue } from 'vue/server-renderer';
import * as react from '../../page/react.js';
import * as svelte from '../../page/svelte.js';
import * as vue from '../../page/vue.js';

test('React renders on a server, and connects nothing', () => {
  function Live() {
    const stream = react.useTabStream<{ news: string }>('/events', { token: () => 'secret' });
    const event = react.useTabEvent(stream, 'news');
    react.useTabEvent(stream, 'news', () => assert.fail('an event on a server'));
    return createElement('p', null, react.useTabStatus(stream).state, event?.data);
  }
  assert.equal(renderToString(createElement(Live)), '<p>idle</p>');
});

test('Vue renders on a server, and connects nothing', async () => {
  const app = createSSRApp({
    setup() {
      const stream = vue.useTabStream<{ news: string }>('/events');
      const event = vue.useTabEvent(stream, 'news');
      const status = vue.useTabStatus(stream);
      return () => h('p', status.value.state + (event.value?.data ?? ''));
    },
  });
  assert.equal(await renderVue(app), '<p>idle</p>');
});

test('Svelte’s stores can be read on a server, and connect nothing', () => {
  const stream = svelte.tabStream<{ news: string }>('/events');
  assert.equal(get(stream).state, 'idle');
  assert.equal(get(svelte.tabEvent(stream, 'news')), undefined);
});
