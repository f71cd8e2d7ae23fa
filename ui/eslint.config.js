import js from "@eslint/js";
import prettier from "eslint-config-prettier";
import svelte from "eslint-plugin-svelte";
import globals from "globals";
import ts from "typescript-eslint";

import svelteConfig from "./svelte.config.js";

const parserOptions = {
  projectService: true,
  extraFileExtensions: [".svelte"],
  parser: ts.parser,
  svelteConfig,
};

export default ts.config(
  { ignores: ["dist", "node_modules", "src/bridge/generated", "**/*.js", "**/*.mjs"] },
  js.configs.recommended,
  ...ts.configs.recommendedTypeChecked,
  ...svelte.configs.recommended,
  prettier,
  ...svelte.configs.prettier,
  {
    languageOptions: { globals: { ...globals.browser }, parserOptions },
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "no-restricted-exports": ["error", { restrictDefaultExports: { direct: true } }],
      "no-restricted-imports": [
        "error",
        {
          patterns: [{ group: ["@tauri-apps/*"], message: "Only src/bridge speaks to the shell." }],
        },
      ],
      "max-lines": ["error", { max: 500, skipBlankLines: true }],
      eqeqeq: "error",
    },
  },
  { files: ["src/bridge/**"], rules: { "no-restricted-imports": "off" } },
  { files: ["vite.config.ts"], rules: { "no-restricted-exports": "off" } },
);
