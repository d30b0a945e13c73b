import { useTabEvent, useTabStatus, useTabStream } from 'tabcast/vue';
import { createApp, h, reactive, shallowRef } from 'vue';
import { hear, offer, text } from './record.js';

const user = shallowRef({ name: 'alice' });

const Page = {
  setup() {
    const stream = useTabStream(
      () => (user.value.name ? '/events' : null),
      () => {
        const { name } = user.value;
        const watchdog = reactive({ silence: 60_000 });
        return { token: () => window.tokens[name], identity: name ?? '', watchdog };
      },
    );
    return () => h(Child, { stream });
  },
};

/** It is mounted before the page that connects. */
const Child = {
  props: ['stream'],
  setup({ stream }) {
    const latest = useTabEvent(stream, 'new_message');
    const status = useTabStatus(stream);
    useTabEvent(stream, 'new_message', hear);
    return () => h('p', `${status.value.state} ${text(latest.value)}`);
  },
};

let app;
offer({
  mount() {
    app = createApp(Page);
    app.mount(document.body.appendChild(document.createElement('main')));
  },
  unmount() {
    app.unmount();
  },
  render(name) {
    user.value = { name };
  },
});
