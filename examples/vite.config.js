import { svelte } from '@sveltejs/vite-plugin-svelte';
import react from '@vitejs/plugin-react';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';

// `npm start` serves the backend there.
const backend = 'http://127.0.0.1:3001';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), vue(), svelte()],
  build: {
    rollupOptions: {
      input: ['notifications', 'progress', 'ranking', 'presence', 'admin'].map(
        (name) => `${import.meta.dirname}/${name}/index.html`,
      ),
    },
  },
  server: { proxy: { '/events': backend, '/api': backend, '/auth': backend, '/metrics': backend } },
});
