// How the scenarios run: one at a time, each with programs and folders of its own.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["scenarios/**/*.test.ts"],
    fileParallelism: false,
    // What waits too long says what it waited for; this only ends what hangs.
    testTimeout: 180_000,
    hookTimeout: 120_000,
    reporters: ["verbose"],
  },
});
