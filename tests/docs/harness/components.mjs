import { compile } from 'svelte/compiler';
import { compileScript, parse } from 'vue/compiler-sfc';
import { root } from '../../../scripts/lib/paths.mjs';

/** The languages whose blocks are a component: how it is compiled, and how an app shows it. */
const components = {
  vue: {
    compile(code, filename) {
      const { descriptor, errors } = parse(code, { filename });
      if (errors.length > 0) throw errors[0];
      return compileScript(descriptor, { id: filename, inlineTemplate: true }).content;
    },
    app: `import { createApp } from 'vue';
      createApp(Component, { user: 'alice' }).mount('#app');`,
  },
  svelte: {
    compile: (code, filename) => compile(code, { filename }).js.code,
    app: `import { mount } from 'svelte';
      mount(Component, { target: document.getElementById('app'), props: { user: 'alice' } });`,
  },
};

export const isComponent = ({ language }) => language in components;

/** An app around the block's component, for esbuild with {@link componentOf}. */
export const appAround = ({ language }) =>
  `import Component from 'the block';\n${components[language].app}`;

/** What gives `the block` to the app. */
export const componentOf = ({ language, code, id }) => ({
  name: 'component of a block',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^the block$/ }, ({ path }) => ({ path, namespace: 'block' }));
    onLoad({ filter: /./, namespace: 'block' }, () => ({
      contents: components[language].compile(code, `${id}.${language}`),
      resolveDir: root,
    }));
  },
});
