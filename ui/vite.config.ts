// How the interface is built, and how its unit tests run.

import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

export default defineConfig(({ mode }) => ({
  plugins: [svelte()],
  // Svelte's browser build, also under test.
  resolve: mode === "test" ? { conditions: ["browser"] } : {},
  // Served from a folder by the desktop shell and by `tideline serve` alike.
  base: "./",
  build: {
    target: ["es2022", "safari16"],
    // Older ones know no `:dir()`, and what is written for them instead goes by the language.
    cssTarget: ["chrome120", "firefox128", "safari16.4"],
    // The content security policy allows no data: fonts.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
  },
  server: { host: "127.0.0.1", port: 5173, strictPort: true },
  test: {
    environment: "happy-dom",
    // Property tests run some hundred histories.
    testTimeout: 120_000,
    include: ["tests/**/*.test.ts"],
  },
}));
