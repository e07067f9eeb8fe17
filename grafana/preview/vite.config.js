import { defineConfig } from 'vite';

export default defineConfig({
  // Grafana's components ask for what only Node has.
  define: { 'process.env': {}, global: 'globalThis' },
  build: { sourcemap: false, minify: false, chunkSizeWarningLimit: 20_000 },
});
