import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  resolve: {
    tsconfigPaths: true,
    // 64-bit numbers for protobufjs, which the protocol has none of; it compiles WebAssembly, which the policy forbids.
    alias: { long: `${import.meta.dirname}/src/core/no-long.ts` },
  },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    sourcemap: false,
    // The pages are served under a policy that allows scripts and fonts from files only: nothing becomes a data URL.
    assetsInlineLimit: 0,
    // Chosen by light-dark() in the tokens: an older target would be given a copy of it that doesn't follow a scope of its own scheme.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
  },
  server: {
    host: '127.0.0.1',
    fs: { allow: ['..'] },
    // With the page's own host, by which the server knows that the call comes from its page.
    proxy: { '/api': { target: `http://127.0.0.1:${process.env.CAUSEWAY_HTTP_PORT ?? 3000}`, changeOrigin: false } },
  },
});
