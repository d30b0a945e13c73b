import { flushSync, mount, unmount } from 'svelte';
import Page from './Page.svelte';
import { offer } from './record.js';
import { props } from './user.svelte.js';

let page;
offer({
  mount() {
    page = mount(Page, { target: document.body, props });
  },
  unmount() {
    unmount(page);
  },
  render(name) {
    flushSync(() => {
      props.user = { name };
    });
  },
});
